package demo

import (
	"context"
	"fmt"
	"strings"
	"syscall"
	"time"
)

// tourZones are zones that the program carries.
var tourZones = []string{"example.com", "example.net", "example.org", "example.edu", "2.0.192.in-addr.arpa"}

// tour shows in about a minute what the cluster does, printing the command of each step.
func (d *demo) tour(ctx context.Context) error {
	steps := []struct {
		title string
		run   func(context.Context) error
	}{
		{"one name, asked at every server", d.tourAsk},
		{"an edit at the last server reaches all", d.tourEdit},
		{"a server is killed; edits go on; it comes back", d.tourKill},
		{"both sides of a cut edit one record", d.tourCut},
		{"an edit is undone", d.tourUndo},
	}
	for i, step := range steps {
		d.say("\n── %d of %d: %s", i+1, len(steps), step.title)
		if err := step.run(ctx); err != nil {
			return fmt.Errorf("tour, %s: %w", step.title, err)
		}
	}
	d.say("\nthat was the tour: zonefleet demo keeps the servers running for you")
	return nil
}

func (d *demo) first() *server  { return d.servers[0] }
func (d *demo) second() *server { return d.servers[1] }
func (d *demo) last() *server   { return d.servers[len(d.servers)-1] }

// show prints a command, runs it and prints what it says.
func (d *demo) show(ctx context.Context, s *server, args ...string) error {
	d.say("  %s$ zonefleet %s", s.name, strings.Join(args, " "))
	out, err := d.at(ctx, s, args...)
	if err != nil {
		return err
	}
	for _, line := range strings.Split(strings.TrimRight(out, "\n"), "\n") {
		d.say("    %s", line)
	}
	return nil
}

func (d *demo) tourAsk(ctx context.Context) error {
	return d.show(ctx, d.first(), "ask", "www.example.com", "A", "--all")
}

func (d *demo) tourEdit(ctx context.Context) error {
	return d.show(ctx, d.last(), "record", "set", "example.com", "www", "300", "A", "192.0.2.77", "--wait=all")
}

func (d *demo) tourKill(ctx context.Context) error {
	victim := d.second()
	d.say("  kill -9 %d      # %s", victim.cmd.Process.Pid, victim.name)
	if err := victim.cmd.Process.Signal(syscall.SIGKILL); err != nil {
		return fmt.Errorf("kill server %d: %w", victim.number, err)
	}
	<-victim.ended
	for i, z := range tourZones {
		if err := d.show(ctx, d.first(), "record", "set", z, "tour", "300", "TXT", fmt.Sprintf("edit %d", i+1)); err != nil {
			return err
		}
	}
	if err := d.showStatus(ctx); err != nil {
		return err
	}
	d.say("  zonefleet serve --data %s", victim.dir)
	began := time.Now()
	if err := victim.start(d.binary); err != nil {
		return err
	}
	go victim.wait() // joined through ended, by stop
	if err := victim.ready(ctx); err != nil {
		return err
	}
	if _, err := d.at(ctx, d.first(), "wait", "--timeout", "30s"); err != nil {
		return err
	}
	d.say("    caught up %s after its start, no command", time.Since(began).Round(time.Millisecond))
	return d.show(ctx, d.first(), "ask", "tour."+tourZones[len(tourZones)-1], "TXT", "--all")
}

// showStatus prints the status whatever its exit code says: 1 and 2 are its words for "catching up" and "act".
func (d *demo) showStatus(ctx context.Context) error {
	d.say("  %s$ zonefleet cluster status", d.first().name)
	out, err := d.at(ctx, d.first(), "cluster", "status")
	if out == "" && err != nil {
		return err
	}
	for _, line := range strings.Split(strings.TrimRight(out, "\n"), "\n") {
		d.say("    %s", line)
	}
	return nil
}

// tourCut takes the last server out of the cluster from both sides, edits one record on each, and joins them again.
func (d *demo) tourCut(ctx context.Context) error {
	if err := d.cut(ctx, "disable"); err != nil {
		return err
	}
	for _, edit := range []struct {
		at   *server
		addr string
	}{{d.first(), "192.0.2.1"}, {d.last(), "192.0.2.2"}} {
		if err := d.show(ctx, edit.at, "record", "set", "example.com", "both", "300", "A", edit.addr); err != nil {
			return err
		}
	}
	if err := d.cut(ctx, "enable"); err != nil {
		return err
	}
	conflict, err := d.awaitConflict(ctx)
	if err != nil {
		return err
	}
	if err := d.show(ctx, d.first(), "ask", "both.example.com", "A", "--all"); err != nil {
		return err
	}
	if err := d.show(ctx, d.first(), "conflict", "list"); err != nil {
		return err
	}
	if err := d.show(ctx, d.first(), "conflict", "choose", conflict, "hidden", "--wait=all"); err != nil {
		return err
	}
	return d.show(ctx, d.first(), "ask", "both.example.com", "A", "--all")
}

func (d *demo) cut(ctx context.Context, verb string) error {
	last := d.last()
	for _, s := range d.servers[:len(d.servers)-1] {
		if err := d.show(ctx, s, "member", verb, last.name); err != nil {
			return err
		}
		if err := d.show(ctx, last, "member", verb, s.name); err != nil {
			return err
		}
	}
	return nil
}

// awaitConflict waits until the first server has learned of both edits.
func (d *demo) awaitConflict(ctx context.Context) (string, error) {
	for range 200 {
		var list struct {
			Conflicts []struct {
				ID string `json:"id"`
			} `json:"conflicts"`
		}
		if err := d.ask(ctx, d.first(), &list, "conflict", "list"); err != nil {
			return "", err
		}
		if len(list.Conflicts) > 0 {
			return list.Conflicts[0].ID, nil
		}
		select {
		case <-ctx.Done():
			return "", ctx.Err()
		case <-time.After(50 * time.Millisecond):
		}
	}
	return "", fmt.Errorf("no conflict is listed 10 s after the cut was healed")
}

func (d *demo) tourUndo(ctx context.Context) error {
	s := d.first()
	if err := d.show(ctx, s, "record", "set", "example.com", "www", "300", "A", "203.0.113.13", "--wait=all"); err != nil {
		return err
	}
	var list struct {
		Changes []struct {
			ID uint64 `json:"id"`
		} `json:"changes"`
	}
	if err := d.ask(ctx, s, &list, "change", "list", "--limit", "1"); err != nil {
		return err
	}
	if len(list.Changes) == 0 {
		return fmt.Errorf("the change is not in the list of changes")
	}
	if err := d.show(ctx, s, "change", "undo", fmt.Sprint(list.Changes[0].ID), "--wait=all"); err != nil {
		return err
	}
	return d.show(ctx, s, "ask", "www.example.com", "A", "--all")
}
