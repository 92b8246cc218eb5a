package control

import (
	"errors"
	"fmt"
	"slices"

	"github.com/zonefleet/zonefleet/internal/cluster"
	"github.com/zonefleet/zonefleet/internal/store"
	"github.com/zonefleet/zonefleet/internal/zone"
)

// receiving is one zone's delta on its way through the committer.
type receiving struct {
	control *Control
	source  LinkSource
	delta   zone.Delta
	outcome Outcome
	merges  bool // the sender has not seen all that is here: what both wrote comes together here first
	meant   bool // as the sender says, see Incoming
	taker   taker
	standing
}

// commit authorises and joins the delta, gives a write-only sender its way, and puts the result as one entry.
func (r *receiving) commit(tx *store.Tx) error {
	s, owners, err := r.load(tx)
	if err != nil {
		return err
	}
	if r.held, r.known, err = heldOf(tx, r.taker.key, r.delta.Zone); err != nil {
		return err
	}
	h, err := tx.Head()
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return err
	}
	r.outcome.Here = h.Position
	fact := r.factBefore(s)
	if r.source.Grant.MayClaim {
		left, err := claimsLeft(tx, r.source.Token)
		if err != nil {
			return err
		}
		fact.Claiming = left > 0
	}
	before, content := s.Vector.Clone(), r.contentBefore(s)
	records := recordsBefore(h, s, owners)
	author, _ := newestOf(s.Vector, r.delta)
	j, err := s.Join(r.delta)
	if errors.Is(err, zone.ErrNeed) {
		r.outcome.Result, r.outcome.Vector = Need, before
		return nil
	}
	if err != nil {
		return err
	}
	r.factAfter(s, &fact)
	v := r.source.Grant.Admit(fact)
	if v.OK && r.source.Grant.Kind == cluster.Leaf {
		v, err = r.admitName(fact, v)
	}
	if err != nil {
		return err
	}
	if !v.OK {
		r.outcome.Result, r.outcome.Reason, r.outcome.foreign = Refused, v.Reason, true
		return nil
	}
	r.outcome.Result, r.meant = Stored, r.meant || v.Claim // the number of claims was confirmed
	e := store.Entry{Time: r.control.Now(), Kind: "join", Author: author, Source: r.source.Name, Whole: r.delta.Whole}
	touched, err := r.follow(tx, s, &e, before, v.Claim)
	if err != nil {
		return err
	}
	if !j.Changed && len(touched) == 0 {
		return r.forget(tx)
	}
	if err := r.brake(tx, s, before, records.lossIn(s)); err != nil {
		return err
	}
	r.alarm(tx, j.Clones)
	r.listBroken(tx, content, s)
	if err := mark(tx, s, r.control.Now()); err != nil {
		return err
	}
	tx.Put(s, append(j.Touched, touched...), e)
	return nil
}

// load reads what is here of the zone, or of the names that matter; owners are those, nil for all.
func (r *receiving) load(tx *store.Tx) (s *zone.State, owners []zone.Name, err error) {
	owners = r.owners()
	s, err = loadFor(tx, r.delta.Zone, owners)
	if err != nil || owners == nil || !mayBeClone(s, r.delta) {
		return s, owners, err
	}
	s, err = loadFor(tx, r.delta.Zone, nil)
	return s, nil, err
}

// mayBeClone says that the delta has a version which this state covers and does not have. Nearly always it was replaced here;
// but where two data folders write under one node id, its dot may be here under any name.
func mayBeClone(s *zone.State, d zone.Delta) bool {
	for _, k := range d.Keys {
		for _, v := range k.Versions {
			same := func(mine zone.Version) bool { return mine.Dot == v.Dot && mine.Hash == v.Hash }
			if s.Vector.Covers(v.Dot) && !slices.ContainsFunc(s.Keys[k.Key], same) {
				return true
			}
		}
	}
	return false
}

// owners is what must be loaded: of a delta, the names that it names, and where it merges what the lint of them reads.
// A life that comes or ends hides or uncovers everything.
func (r *receiving) owners() []zone.Name {
	if r.delta.Whole || len(r.delta.Keys) > maxWholeOwner {
		return nil
	}
	read := reading{zone: r.delta.Zone, owners: map[zone.Name]bool{}}
	for _, k := range r.delta.Keys {
		switch {
		case k.Key.Meta == zone.MetaEnd || k.Key.Meta == zone.MetaCreated:
			return nil
		case k.Key.Meta != "":
		case !r.merges:
			read.owners[k.Key.Owner] = true
		default:
			read.records(k.Key.Owner, k.Key.Type, nil)
			if set := valueOf(k.Key, k.Versions); set != nil {
				read.records(set.Owner, set.Type, set.Data)
			}
		}
	}
	return read.list()
}

// factBefore is what the rules look at of the zone as it is here.
func (r *receiving) factBefore(s *zone.State) cluster.ZoneFact {
	c := r.control
	f := cluster.ZoneFact{
		Name: textOf(s.Zone), Self: c.home(), Have: s.Vector.Clone(), Comes: r.delta.Vector, Now: c.Now(),
		Serial: cluster.Wish{
			Serial: s.SerialAfter(r.delta), Have: s.Serial(), New: len(s.Vector) == 0 && s.Base == 0,
		},
	}
	if life, ok := s.Life(); ok {
		f.Owner, f.Home = life.Owner, life.Home
	}
	for _, l := range s.Lives() {
		if !l.Ended {
			f.Known = append(f.Known, lifeFact(l))
		}
	}
	return f
}

// factAfter adds the lives that something new comes to, as they are after the join. s is not put if they are refused.
func (r *receiving) factAfter(s *zone.State, f *cluster.ZoneFact) {
	touched := map[zone.Dot]bool{}
	for _, k := range r.delta.Keys {
		for _, v := range k.Versions {
			touched[k.Key.Life] = touched[k.Key.Life] || !f.Have.Covers(v.Dot)
		}
	}
	for _, l := range s.Lives() {
		if !touched[l.Life] {
			continue
		}
		f.Touched = append(f.Touched, lifeFact(l))
		if g := r.source.Grant; g.User != cluster.Root && r.control.ownerFor(g, l.Owner) != g.User {
			f.ForeignOwner = l.Owner
		}
	}
}

func lifeFact(l zone.LifeInfo) cluster.LifeFact {
	return cluster.LifeFact{Life: l.Life, Owner: l.Owner, Home: l.Home, Ended: l.Ended}
}

// admitName holds a leaf to the rules of names where it brings a zone that is not served here yet.
func (r *receiving) admitName(f cluster.ZoneFact, v cluster.Verdict) (cluster.Verdict, error) {
	if len(f.Known) > 0 {
		return v, nil
	}
	for _, l := range f.Touched {
		if l.Ended {
			continue
		}
		why, err := r.control.reserved(r.delta.Zone, l.Owner)
		if err != nil {
			return v, err
		}
		if why != "" && !r.released() {
			return v, r.holdName(why)
		}
	}
	return v, nil
}

// follow makes this node's own change out of a join: ending what a claim took over, or what a write-only sender
// replaces. It returns the keys written.
func (r *receiving) follow(tx *store.Tx, s *zone.State, e *store.Entry, before zone.Vector, claim bool) ([]zone.Key, error) {
	var writes []zone.Write
	if claim {
		writes = r.claimed(s)
	}
	if len(writes) > 0 {
		if err := spendClaim(tx, r.source.Token); err != nil {
			return nil, err
		}
	}
	if r.source.Replace || r.source.Overwrite {
		replaced, lost := s.Replace(zone.Push{Delta: r.delta, Sender: r.senders(), Before: before, Every: r.source.Overwrite})
		writes = append(writes, replaced...)
		r.listLost(tx, lost)
	}
	if len(writes) == 0 {
		return nil, nil
	}
	change := s.Change(r.control.Now(), r.source.Name+"@"+r.control.Self.Name, writes...)
	dot, keys, err := s.Apply(r.control.Store.NodeID(), change)
	if err != nil {
		return nil, fmt.Errorf("replace in zone %s: %w", textOf(s.Zone), err)
	}
	e.Dot = dot
	if r.source.Replace || r.source.Overwrite {
		e.Kind = "replace"
	}
	return keys, nil
}

// claimed ends this node's own lives of a zone that passes to the member.
func (r *receiving) claimed(s *zone.State) []zone.Write {
	var lives []zone.Dot
	others := false
	for _, l := range s.Lives() {
		switch {
		case l.Ended:
		case l.Home == r.control.home() && l.Owner == cluster.Root:
			lives = append(lives, l.Life)
		default:
			others = true
		}
	}
	if !others {
		return nil // nothing came that could take the place
	}
	return s.End(lives...)
}

func (r *receiving) senders() map[zone.NodeID]bool {
	nodes := make(map[zone.NodeID]bool, len(r.source.Nodes))
	for _, n := range r.source.Nodes {
		nodes[n] = true
	}
	return nodes
}

// newestOf is the author and the time of the newest version that the delta brings beyond what is here.
func newestOf(have zone.Vector, d zone.Delta) (author string, at zone.Millis) {
	for _, k := range d.Keys {
		for _, v := range k.Versions {
			if !have.Covers(v.Dot) && v.Time >= at {
				author, at = v.Author, v.Time
			}
		}
	}
	return author, at
}

// contentBefore is what is served here before a join that merges: where the sender has seen all of it, the result is
// what the sender linted.
func (r *receiving) contentBefore(s *zone.State) []zone.RRset {
	if !r.merges {
		return nil
	}
	return contentOf(s)
}

// listBroken says what is wrong with a zone that only the merge made so. It is served all the same: no node may refuse
// what the others have.
func (r *receiving) listBroken(tx *store.Tx, before []zone.RRset, s *zone.State) {
	if len(before) == 0 {
		return
	}
	var e *Error
	if _, err := lintChange(s.Zone, before, contentOf(s)); errors.As(err, &e) {
		tx.AppendEvent(store.Event{
			Time: r.control.Now(), Kind: "merge-broke-zone", Severity: severityWarning, Zone: s.Zone, Member: r.source.Name,
			Text: fmt.Sprintf("changes of zone %s made apart do not go together: %s", textOf(s.Zone), e.Message),
		})
	}
}

// listLost says what a write-only sender overwrote; the history entry has the versions, and undo puts them back.
func (r *receiving) listLost(tx *store.Tx, lost []zone.Overwritten) {
	if len(lost) == 0 {
		return
	}
	k := lost[0].Key
	tx.AppendEvent(store.Event{
		Time: r.control.Now(), Kind: "overwritten", Severity: severityWarning, Zone: r.delta.Zone, Member: r.source.Name,
		Text: fmt.Sprintf("overwritten by %s: %d RRsets of zone %s, the first is %s %s",
			r.source.Name, len(lost), textOf(r.delta.Zone), k.Owner.Text(), k.Type),
	})
}
