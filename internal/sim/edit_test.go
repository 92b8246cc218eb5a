package sim

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/zonefleet/zonefleet/internal/acl"
	"github.com/zonefleet/zonefleet/internal/control"
	"github.com/zonefleet/zonefleet/internal/store"
	"github.com/zonefleet/zonefleet/internal/zone"
)

// act is one edit at one server, on its way.
type act struct {
	values
	server *server
	run    *running
	epoch  int
	zone   zone.Name
	text   string

	done  chan struct{}
	over  atomic.Bool // what follows is set
	err   error
	acked bool // the server said so, and was alive when it did
	entry store.Entry
}

// editTime is how long a person waits for an edit.
const editTime = 20 * time.Second

// edits makes a step of an edit. It is waited for, and must succeed, unless it is a maybe.
func edits(f func(*act, context.Context, *control.Control) (control.Result, error)) func(*world, values) error {
	return func(w *world, v values) error {
		s, err := v.server("SERVER")
		if err != nil {
			return err
		}
		r, err := s.running()
		if err != nil {
			return err
		}
		a := &act{values: v, server: s, run: r, epoch: s.epoch, done: make(chan struct{}), text: w.line}
		if a.zone, err = a.zoneName(); err != nil {
			return err
		}
		w.remember(a.zone)
		w.pending = append(w.pending, a)
		go a.work(f)
		if v.maybe {
			return nil
		}
		for end := time.Now().Add(editTime); !a.over.Load() && time.Now().Before(end); {
			w.wait(100 * time.Millisecond)
		}
		<-a.done
		return a.err
	}
}

// work does the edit.
func (a *act) work(f func(*act, context.Context, *control.Control) (control.Result, error)) {
	defer close(a.done)
	defer a.over.Store(true)
	ctx, cancel := context.WithTimeout(context.Background(), editTime)
	defer cancel()
	result, err := f(a, ctx, a.run.node.Control())
	if err == nil && result.Changed {
		a.acked = !a.run.dead.Load()
		a.entry, err = a.run.node.Store().Entry(result.Position)
	}
	a.err = err
}

// collect notes what the edits that are over have done.
func (w *world) collect() {
	w.pending = slices.DeleteFunc(w.pending, func(a *act) bool {
		switch {
		case !a.over.Load():
			return false
		case a.acked && errors.Is(a.err, store.ErrClosed): // it was stopped meanwhile
		case a.acked && a.err != nil:
			w.oracle.broken("%s cannot read its change back (%s): %v", a.server.name, a.text, a.err)
		case a.acked:
			w.say("  %s: %s", a.entry.Dot, a.text)
			w.oracle.acknowledged(a)
		default:
			w.say("  no: %v: %s", a.err, a.text)
		}
		return true
	})
}

// zoneName is the zone of the step: ZONE, or the last two labels of NAME.
func (a *act) zoneName() (zone.Name, error) {
	if text, ok := a.of["ZONE"]; ok {
		return zone.ParseName(text)
	}
	labels := strings.Split(a.of["NAME"], ".")
	if len(labels) < 2 {
		return "", fmt.Errorf("%q is in no zone", a.of["NAME"])
	}
	return zone.ParseName(strings.Join(labels[len(labels)-2:], "."))
}

func (a *act) create(ctx context.Context, c *control.Control) (control.Result, error) {
	owner := a.of["OWNER"]
	if owner == "" {
		owner = acl.Root
	}
	r, err := c.CreateZone(ctx, acl.Local(), control.CreateRequest{Zone: a.zone, Owner: owner})
	return r.Result, err
}

// createsMany creates zone01.test, zone02.test and so on.
func (w *world) createsMany(v values) error {
	n, err := v.number()
	if err != nil {
		return err
	}
	for i := range n {
		v.of["ZONE"] = fmt.Sprintf("zone%02d.test", i+1)
		if err := edits((*act).create)(w, v); err != nil {
			return err
		}
	}
	return nil
}

func (a *act) deleteZone(ctx context.Context, c *control.Control) (control.Result, error) {
	return c.DeleteZone(ctx, acl.Local(), control.DeleteRequest{Zone: a.zone})
}

func (a *act) restore(ctx context.Context, c *control.Control) (control.Result, error) {
	return c.RestoreZone(ctx, acl.Local(), control.RestoreRequest{Zone: a.zone})
}

func (a *act) set(ctx context.Context, c *control.Control) (control.Result, error) {
	return a.edit(ctx, c, control.OpSet)
}

func (a *act) addRecord(ctx context.Context, c *control.Control) (control.Result, error) {
	return a.edit(ctx, c, control.OpAdd)
}

func (a *act) deleteRecord(ctx context.Context, c *control.Control) (control.Result, error) {
	return a.edit(ctx, c, control.OpDelete)
}

func (a *act) edit(ctx context.Context, c *control.Control, kind control.OpKind) (control.Result, error) {
	owner, t, data, err := a.record()
	if err != nil {
		return control.Result{}, err
	}
	r, err := c.EditZone(ctx, acl.Local(), control.EditRequest{
		Zone: a.zone, Ops: []control.Op{{Kind: kind, Owner: owner, Type: t, TTL: 300, Data: data}},
	})
	return r.Result, err
}

// record reads NAME, TYPE and DATA.
func (v values) record() (owner zone.Name, t zone.Type, data [][]byte, err error) {
	if owner, err = zone.ParseName(v.of["NAME"]); err != nil {
		return "", 0, nil, err
	}
	if t, err = zone.ParseType(v.of["TYPE"]); err != nil || v.of["DATA"] == "" {
		return owner, t, nil, err
	}
	d, err := zone.ParseData(t, zone.Root, strings.Fields(v.of["DATA"]))
	return owner, t, [][]byte{d}, err
}

func (a *act) choose(ctx context.Context, c *control.Control) (control.Result, error) {
	page, err := c.Conflicts(ctx, acl.Local(), control.ConflictQuery{Zone: a.zone})
	if err != nil {
		return control.Result{}, err
	}
	if len(page.Conflicts) == 0 {
		return control.Result{}, errors.New("there is no conflict")
	}
	choice := control.ChooseHidden
	if len(page.Conflicts)%2 == 0 {
		choice = control.ChooseServed
	}
	return c.ChooseConflict(ctx, acl.Local(), control.ChooseRequest{ID: page.Conflicts[0].ID, Choice: choice})
}

func (a *act) undo(ctx context.Context, c *control.Control) (control.Result, error) {
	list, err := c.History(ctx, acl.Local(), a.zone, 0, 20)
	if err != nil {
		return control.Result{}, err
	}
	for _, change := range list {
		if change.Kind == "edit" {
			r, err := c.UndoChange(ctx, acl.Local(), control.UndoRequest{Position: change.Position})
			return r.Result, err
		}
	}
	return control.Result{}, errors.New("there is no change to undo")
}
