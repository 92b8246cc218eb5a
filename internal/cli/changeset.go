package cli

import (
	"bufio"
	"context"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/zonefleet/zonefleet/internal/api"
	"github.com/zonefleet/zonefleet/internal/client"
)

func (a *app) changeSetCommand() *cobra.Command {
	return group("changeset", "List, show, do, stop, resume and undo acts on many zones",
		a.changeSetList(), a.changeSetShow(), a.changeSetDo(), a.changeSetStop(), a.changeSetResume(), a.changeSetUndo())
}

func (a *app) changeSetList() *cobra.Command {
	return &cobra.Command{
		Use: "list", Short: "List acts on many zones, newest first", Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			list, err := get[api.ChangeSetList](c.Context(), a, nil, "changesets")
			if err != nil {
				return err
			}
			return a.show(list, func(t *text) {
				tb := t.table("ID", "WHAT", "STATE", "BY", "BEGUN", "CHANGED", "FAILED")
				for _, s := range list.ChangeSets {
					tb.row(strconv.FormatUint(s.ID, 10), s.Does, s.State, s.Author, when(s.Begun), strconv.Itoa(s.Changed), strconv.Itoa(s.Failed+s.Held))
				}
				tb.print()
			})
		},
	}
}

func (a *app) changeSetShow() *cobra.Command {
	return &cobra.Command{
		Use: "show ID", Short: "Show how far one is, and what it could not do", Args: changeNumber,
		RunE: func(c *cobra.Command, args []string) error {
			s, err := get[api.ChangeSet](c.Context(), a, nil, "changesets", args[0])
			if err != nil {
				return err
			}
			return a.show(s, func(t *text) { t.changeSet(s) })
		},
	}
}

func (a *app) changeSetDo() *cobra.Command {
	f := setFlags{later: true}
	c := &cobra.Command{
		Use: "do ID", Short: "Have one done that waits", Args: changeNumber,
		RunE: func(c *cobra.Command, args []string) error {
			s, err := get[api.ChangeSet](c.Context(), a, nil, "changesets", args[0])
			if err != nil {
				return err
			}
			return a.doSet(c.Context(), s, f)
		},
	}
	f.addConfirm(c)
	return c
}

func (a *app) changeSetStop() *cobra.Command {
	return &cobra.Command{
		Use: "stop ID", Short: "Stop one; what it did stays, and can be undone", Args: changeNumber,
		RunE: func(c *cobra.Command, args []string) error {
			s, err := send[api.ChangeSet](c.Context(), a, http.MethodPost, nil, nil, "changesets", args[0], "stop")
			if err != nil {
				return err
			}
			return a.show(s, func(t *text) { t.changeSet(s) })
		},
	}
}

func (a *app) changeSetResume() *cobra.Command {
	return &cobra.Command{
		Use: "resume ID", Short: "Have a stopped one go on where it was", Args: changeNumber,
		Long: "Have a change set go on that was stopped: by somebody, or because the rights of who began it had ended. From then on it has your rights.",
		RunE: func(c *cobra.Command, args []string) error {
			s, err := send[api.ChangeSet](c.Context(), a, http.MethodPost, nil, nil, "changesets", args[0], "resume")
			if err != nil {
				return err
			}
			if s, err = a.followSet(c.Context(), s); err != nil {
				return err
			}
			return a.showDone(s)
		},
	}
}

func (a *app) changeSetUndo() *cobra.Command {
	var f setFlags
	c := &cobra.Command{
		Use: "undo ID", Short: "Undo all that one changed, as one change set", Args: changeNumber,
		Long: "Put back what a change set replaced, in all its zones. What was edited since is left as it is, and listed.",
		RunE: func(c *cobra.Command, args []string) error {
			return a.beginSet(c.Context(), f, api.NewChangeSet{Reason: f.reason}, "changesets", args[0], "undo")
		},
	}
	f.add(c)
	return c
}

// setFlags are the flags of commands that act on many zones.
type setFlags struct {
	reason  string
	confirm int
	yes     bool
	dry     bool
	later   bool // a set that is there: it is not taken back where nobody agrees
}

func (f *setFlags) add(c *cobra.Command) {
	c.Flags().StringVar(&f.reason, "reason", "", "why, kept in the history")
	c.Flags().BoolVar(&f.dry, "dry-run", false, "say what would be done, do nothing")
	f.addConfirm(c)
}

func (f *setFlags) addConfirm(c *cobra.Command) {
	c.Flags().BoolVar(&f.yes, "yes", false, "do not ask; the brake counts what is taken away")
	c.Flags().IntVar(&f.confirm, "confirm", 0, "number of the zones, which a person was shown: not asked about, and not counted by the brake")
}

// setPace is how often a set is looked at.
const setPace = 200 * time.Millisecond

// beginSet begins a set, shows what it will do, has that confirmed, and waits until it is done.
func (a *app) beginSet(ctx context.Context, f setFlags, body any, path ...string) error {
	s, err := send[api.ChangeSet](ctx, a, http.MethodPost, body, nil, path...)
	if err != nil {
		return err
	}
	if s, err = a.followSet(ctx, s); err != nil {
		return err
	}
	if f.dry {
		if err := a.showSetZones(ctx, s); err != nil {
			return err
		}
		return a.dropSet(ctx, s)
	}
	return a.doSet(ctx, s, f)
}

// doSet does a set that waits, once a person has given its number.
func (a *app) doSet(ctx context.Context, s api.ChangeSet, f setFlags) error {
	if s.State == "ready" && s.Zones == 0 {
		if err := a.dropSet(ctx, s); err != nil {
			return err
		}
		return a.show(s, func(t *text) { t.line("no zone to do that in: %s", clean(s.Does)) })
	}
	if s.State == "ready" {
		confirm, err := a.confirmSet(s, f)
		if err != nil {
			if !f.later {
				_ = a.dropSet(ctx, s) // it would only lie there
			}
			return err
		}
		if s, err = send[api.ChangeSet](ctx, a, http.MethodPost, api.Confirmation{Confirm: confirm}, nil, "changesets", strconv.FormatUint(s.ID, 10), "do"); err != nil {
			return err
		}
		if s, err = a.followSet(ctx, s); err != nil {
			return err
		}
	}
	return a.showDone(s)
}

// showDone shows a set that rests; what it could not do is in the exit code.
func (a *app) showDone(s api.ChangeSet) error {
	if err := a.show(s, func(t *text) { t.changeSet(s) }); err != nil {
		return err
	}
	switch {
	case s.Failed > 0 || s.State == "stopped":
		return &quietExit{exitError}
	case s.Held > 0:
		return &quietExit{exitHeld}
	}
	return nil
}

func (a *app) dropSet(ctx context.Context, s api.ChangeSet) error {
	_, err := send[api.ChangeSet](ctx, a, http.MethodPost, nil, nil, "changesets", strconv.FormatUint(s.ID, 10), "stop")
	return err
}

// confirmSet is the number of zones that a person was shown, 0 if nobody was.
func (a *app) confirmSet(s api.ChangeSet, f setFlags) (int, error) {
	switch {
	case f.confirm != 0:
		return f.confirm, nil
	case f.yes:
		return 0, nil
	case !isTerminal(a.Stdin) || !isTerminal(a.Stderr):
		return 0, withHint(usage("nobody is there to confirm that: %s", clean(s.Does)), "give --confirm %d, or --yes", s.Zones)
	}
	t := a.errText()
	t.line("%s", clean(s.Does))
	t.line("type the number of zones to do it:")
	line, _ := bufio.NewReader(a.Stdin).ReadString('\n')
	if strings.TrimSpace(line) != strconv.Itoa(s.Zones) {
		return 0, usage("that is not %d: nothing was done", s.Zones)
	}
	return s.Zones, nil
}

// followSet waits until a set rests: it waits for somebody, or is over.
func (a *app) followSet(ctx context.Context, s api.ChangeSet) (api.ChangeSet, error) {
	if s.State != "searching" && s.State != "running" {
		return s, nil
	}
	c, err := a.connect(ctx)
	if err != nil {
		return s, err
	}
	defer c.Close()
	bar := a.progress("zones", s.Zones)
	defer bar.end()
	for seen := 0; s.State == "searching" || s.State == "running"; {
		select {
		case <-ctx.Done():
			return s, withHint(ctx.Err(), "it goes on at the server: zonefleet changeset show %d", s.ID)
		case <-time.After(setPace):
		}
		err := c.Do(ctx, client.Request{Method: http.MethodGet, Path: client.Path("changesets", strconv.FormatUint(s.ID, 10))}, &s)
		if err != nil {
			return s, err
		}
		bar.add(max(s.Done, s.Seen) - seen)
		seen = max(s.Done, s.Seen)
	}
	return s, nil
}

// showSetZones lists the first zones of a set, with what will be done to them.
func (a *app) showSetZones(ctx context.Context, s api.ChangeSet) error {
	list, err := get[api.SetZoneList](ctx, a, nil, "changesets", strconv.FormatUint(s.ID, 10), "zones")
	if err != nil {
		return err
	}
	shown := struct {
		api.ChangeSet
		First []api.SetZone `json:"first_zones"`
	}{s, list.Zones}
	return a.show(shown, func(t *text) {
		t.line("would %s, %s in them", clean(s.Does), plural(s.Records, "record", "records"))
		for _, z := range list.Zones {
			line := clean(z.Zone)
			switch {
			case z.Skip != "":
				line += ": left out, " + clean(z.Skip)
			case z.Example != "":
				line += ": " + clean(z.Example)
			}
			t.line("  %s", line)
		}
		if list.Next != nil {
			t.line("  …")
		}
	})
}

func (t *text) changeSet(s api.ChangeSet) {
	t.line("%s  %s", t.bold("change set "+strconv.FormatUint(s.ID, 10)), clean(s.Does))
	t.line("%s, by %s, %s", s.State, clean(s.Author), when(s.Begun))
	if s.State == "ready" {
		t.line("do it: zonefleet changeset do %d --confirm %d", s.ID, s.Zones)
		return
	}
	t.line("%d of %d done: %d changed, %d had nothing to change, %d left out, %d held, %d failed", s.Done, s.Zones, s.Changed, s.Same, s.Skipped, s.Held, s.Failed)
	for _, n := range s.Notes {
		t.line("  %s %s", clean(n.Zone), clean(n.Text))
	}
	if s.Why != "" {
		t.line("it stopped: %s", clean(s.Why))
	}
	if s.Resumable {
		t.line("%s zonefleet changeset resume %d", t.dim("go on:"), s.ID)
	}
	if s.Changed > 0 && s.UndoneBy == 0 {
		t.line("%s zonefleet changeset undo %d", t.dim("undo:"), s.ID)
	}
}
