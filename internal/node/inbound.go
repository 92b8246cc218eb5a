package node

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"sync"
	"time"

	"github.com/zonefleet/zonefleet/internal/acl"
	"github.com/zonefleet/zonefleet/internal/auth"
	"github.com/zonefleet/zonefleet/internal/control"
	"github.com/zonefleet/zonefleet/internal/deliver"
	"github.com/zonefleet/zonefleet/internal/peer"
	"github.com/zonefleet/zonefleet/internal/store"
	"github.com/zonefleet/zonefleet/internal/wire"
)

// inbound is what the peer door needs of this node.
type inbound struct{ node *Node }

// Secret returns the hash that a caller's proof is checked with.
func (b inbound) Secret(ctx context.Context, tokenID string, from netip.Addr) (wire.TokenHash, error) {
	if h, joins, err := b.joinSecret(ctx, tokenID); joins {
		return h, err
	}
	h, _, err := b.node.verifier.HashFor(ctx, tokenID, from)
	return wire.TokenHash(h), err
}

// Admit binds a token to the key that uses it first.
func (b inbound) Admit(ctx context.Context, c peer.Caller) (peer.Answers, error) {
	if isJoining(c.TokenID) {
		return b.admitJoining(ctx, c)
	}
	_, p, err := b.node.verifier.HashFor(ctx, c.TokenID, c.Address.Addr())
	if err == nil && p.Kind != acl.KindMember {
		return nil, &wire.Problem{Code: wire.CodeForbidden, Message: "this is the token of a person or program, not of a server"}
	}
	if err == nil {
		err = b.node.control.Pin(ctx, c.TokenID, "", c.Fingerprint)
	}
	if err == nil { // once more: the first use has made it this server's
		if _, p, err = b.node.verifier.HashFor(ctx, c.TokenID, c.Address.Addr()); err == nil {
			return answers{node: b.node, caller: c, principal: p}, nil
		}
	}
	if control.CodeOf(err) == control.CodeInternal && !isTokenError(err) {
		return nil, err
	}
	return nil, &wire.Problem{Code: wire.CodeToken, Message: err.Error()}
}

func isTokenError(err error) bool {
	for _, known := range []error{auth.ErrUnknown, auth.ErrWrong, auth.ErrRevoked, auth.ErrExpired, auth.ErrAddress} {
		if errors.Is(err, known) {
			return true
		}
	}
	return false
}

// answers is what this node answers to one caller.
type answers struct {
	node      *Node
	caller    peer.Caller
	principal acl.Principal
}

// problem puts control's errors into the words of the wire.
func problem(err error) error {
	var coded *control.Error
	if !errors.As(err, &coded) {
		return err
	}
	codes := map[control.Code]wire.Code{
		control.CodeInvalid: wire.CodeBadInput, control.CodeDenied: wire.CodeForbidden, control.CodeUnauthenticated: wire.CodeToken,
		control.CodeNotFound: wire.CodeNotFound, control.CodeClusteringOff: wire.CodeOff,
	}
	code, ok := codes[coded.Code]
	if !ok {
		code = wire.CodeRefused
	}
	return &wire.Problem{Code: code, Message: coded.Error()}
}

// open says why nothing but an introduction is answered now, nil if all is.
func (a answers) open() error {
	switch {
	case !a.node.control.Clustering():
		return &wire.Problem{Code: wire.CodeOff, Message: "clustering is off here"}
	case a.node.links.disabledByHand(a.caller.Fingerprint):
		return &wire.Problem{Code: wire.CodeDisabled, Message: "this member is disabled here by hand"}
	}
	return nil
}

// Open takes part in a link.
func (a answers) Open(ctx context.Context, h wire.Hello) (peer.Reception, error) {
	if err := a.open(); err != nil {
		return peer.Reception{}, err
	}
	if err := a.allow(h); err != nil {
		return peer.Reception{}, err
	}
	if err := problem(a.node.control.Pin(ctx, a.caller.TokenID, h.Name, a.caller.Fingerprint)); err != nil {
		return peer.Reception{}, err
	}
	n := a.node
	n.edges.learn(h.Facts)
	a.principal.Grant.Holder = h.Name + " " + a.caller.Fingerprint
	link := inboundPrefix(a.caller.Fingerprint) + h.Link
	if err := n.links.remembers(a.caller.Fingerprint, link, h.Instance); err != nil {
		return peer.Reception{}, err
	}
	in := &inbox{
		node: n, instance: h.Instance, link: link, target: link, reports: newReporter(), log: n.log,
		source: control.LinkSource{
			Name: h.Name, Key: a.caller.Fingerprint, Grant: a.principal.Grant, Token: a.caller.TokenID, Nodes: nodeIDs(h.NodeIDs), TakeOthers: true,
		},
		behind:     &behind{links: n.links, target: link, fingerprint: a.caller.Fingerprint},
		takeOthers: func(wire.Item) bool { return true }, // what is pushed is meant to be taken
	}
	in.highest.Store(n.heardOf(a.caller.Fingerprint, h.Instance))
	welcome := wire.Welcome{
		Facts: n.factsFor(a.principal.Grant), Stored: n.heardOf(a.caller.Fingerprint, h.Instance),
		Settled: n.settledOf(link, a.caller.Fingerprint, h.Instance),
	}
	welcome.Behind = n.links.pathsFor(h.Name)
	heard := store.Position(0)
	if h.Cursor.Instance == n.store.Instance() {
		heard = store.Position(h.Cursor.Position)
	}
	n.settle.answered(a.caller.Fingerprint, heard)
	return peer.Reception{
		Welcome: welcome, Receiver: in,
		Attend: func(ctx context.Context, l *wire.Link) { a.attend(ctx, l, h, welcome.Behind, in) },
		Trace:  n.links.traceOf(a.caller.Fingerprint),
	}, nil
}

// allow checks what the Hello asks for against the token.
func (a answers) allow(h wire.Hello) error {
	var err error
	if h.Push {
		err = acl.Allow(a.principal, acl.Push, acl.Object{})
	}
	if h.Follow && err == nil {
		err = acl.Allow(a.principal, acl.Follow, acl.Object{})
		if a.node.links.followers.full(a.caller.Fingerprint) {
			return &wire.Problem{Code: wire.CodeBusy, Message: fmt.Sprintf("%d servers follow the changes here already; hint: revoke the tokens of those that are gone", maxFollowers)}
		}
	}
	if err != nil {
		return &wire.Problem{Code: wire.CodeForbidden, Message: err.Error()}
	}
	if h.Fingerprint != a.caller.Fingerprint {
		return &wire.Problem{Code: wire.CodeToken, Message: "the server names a key other than the one it shows"}
	}
	return nil
}

// attend works a link that a member opened: reports go back, and the feed goes out if it follows. The greeting told it of the
// servers behind this one.
func (a answers) attend(ctx context.Context, l *wire.Link, h wire.Hello, told []string, in *inbox) {
	n := a.node
	o := &opened{
		wire: l, name: h.Name, fingerprint: a.caller.Fingerprint, instance: h.Instance, at: a.caller.Address.Addr().String(),
		inbound: true, pushes: h.Push, knowsMeant: knowsMeant(h.Facts), reports: in.reports, told: told, behind: in.behind,
	}
	n.links.entered(in.link, o)
	defer n.links.followers.sweep(n)
	defer n.links.left(in.link, o)
	var all sync.WaitGroup
	defer all.Wait()
	all.Go(func() { in.reports.run(ctx, l) })
	if !h.Follow {
		return
	}
	f, ok := n.links.followers.add(n, follower{
		ID: in.target, Name: h.Name, Fingerprint: a.caller.Fingerprint, TokenID: a.caller.TokenID,
		Start: store.Position(h.Start), Grant: a.principal.Grant,
	})
	if !ok { // another took the last room since this link was opened
		l.Bye(ctx, wire.ReasonRefused)
		return
	}
	in.behind.greeted(h.Behind)
	target := &followed{session: &linkSession{
		link: l, reports: in.reports, instance: h.Instance, at: n.stated(h.Cursor), mark: func(*wire.Item, bool) {},
		meant: n.meantFor(h.Facts, func() bool { return false }), err: l.Err, close: l.Close,
	}}
	worker := deliver.NewWorker(deliver.Options{
		ID: f.ID, Name: f.Name, Target: target, Feed: n.store, Tracker: n.tracker, Accept: n.acceptFor(f.Grant), Start: f.Start, Batch: n.World.Batch,
		Ready: func() { l.CaughtUp(ctx) }, // a link that ends meanwhile begins anew
	})
	working, over := context.WithCancel(ctx)
	defer over()
	target.over = over
	if err := worker.Run(working); err != nil {
		n.log.Error("changes do not go to a follower", "member", h.Name, "err", err)
	}
}

// stated is up to where a follower says that it has this node's feed. One that was put back to an older copy of its data
// stands before where it was delivered to.
func (n *Node) stated(c wire.Cursor) store.Position {
	if c.Instance != n.store.Instance() {
		return deliver.Unstated
	}
	return standsAt(c.Position, c.Settled)
}

// standsAt is from where on a server may lack something of a feed that it has heard of up to the position. A server of an
// older release does not say up to where it has everything.
func standsAt(heard uint64, settled *uint64) store.Position {
	if settled != nil {
		return store.Position(min(heard, *settled))
	}
	return store.Position(heard)
}

// followed is the one session of a follower: when it is over, so is the worker. The follower dials again.
type followed struct {
	session *linkSession
	over    context.CancelFunc
	used    bool
}

func (f *followed) Open(context.Context) (deliver.Session, error) {
	if f.used {
		f.over()
		return nil, wire.ErrClosed
	}
	f.used = true
	return f.session, nil
}

// shortKey is enough of a fingerprint to name a target: the whole is compared where it matters.
func shortKey(fingerprint string) string {
	const prefix, length = len("SHA256:"), 22
	return fingerprint[min(prefix, len(fingerprint)):min(prefix+length, len(fingerprint))]
}

func (ls *links) traceOf(fingerprint string) func(wire.Transaction) {
	for _, row := range ls.rows() {
		if row.Debug && row.Fingerprint == fingerprint {
			return ls.node.trace.of(nameOf(row))
		}
	}
	return nil
}

// farewell is how long the end of links may take to be told. A server that does not read is cut off then.
const farewell = 2 * time.Second

// hangUp ends the links that a server opened.
func (n *Node) hangUp(ctx context.Context, why wire.Reason, fingerprint string) {
	ctx, cancel := context.WithTimeout(ctx, farewell)
	defer cancel()
	n.door.HangUp(ctx, why, func(c peer.Caller) bool { return c.Fingerprint == fingerprint })
}

// hangUpRevoked ends the links whose token is worth nothing any more.
func (n *Node) hangUpRevoked(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, farewell)
	defer cancel()
	n.door.HangUp(ctx, wire.ReasonRemoved, func(c peer.Caller) bool {
		_, _, err := n.verifier.HashFor(ctx, c.TokenID, c.Address.Addr())
		return isTokenError(err)
	})
}
