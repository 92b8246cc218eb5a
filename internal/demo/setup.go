package demo

import (
	"context"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

//go:embed zones
var zones embed.FS

// setUp links the servers and imports the zones, unless the folder was set up before.
func (d *demo) setUp(ctx context.Context) error {
	mark := filepath.Join(d.Dir, "demo.ready")
	if _, err := os.Stat(mark); err == nil {
		d.say("the data of the last time is kept in %s", d.Dir)
		return nil
	}
	if err := d.link(ctx); err != nil {
		return err
	}
	if err := d.importZones(ctx); err != nil {
		return err
	}
	return os.WriteFile(mark, []byte("the cluster in this folder is set up\n"), 0o600)
}

// link makes every server a member of those before it: web → ns1, web → ns2, ns1 → ns2, … with reverse trust, so that
// zones and edits at any of them reach the others and any one may be down.
func (d *demo) link(ctx context.Context) error {
	for i, from := range d.servers {
		for _, to := range d.servers[i+1:] {
			if err := d.addMember(ctx, from, to); err != nil {
				return err
			}
			d.say("linked     %s → %s", from.name, to.name)
		}
	}
	return nil
}

func (d *demo) addMember(ctx context.Context, from, to *server) error {
	if linked, err := d.isMember(ctx, from, to); linked || err != nil {
		return err // of a demo that was interrupted while it set up
	}
	// A relay token: all three are under one administration, so each may pass on what it got from another.
	var token struct {
		Token string `json:"token"`
	}
	if err := d.ask(ctx, to, &token, "token", "create", "--kind", "relay", "--name", strings.ReplaceAll(from.name, ".", "-")); err != nil {
		return err
	}
	_, err := d.at(ctx, from, "member", "add", to.https, "--username", "root", "--api-token", token.Token,
		"--role", "synchronize", "--zones", "all", "--reverse-trust", "--sync-now")
	return err
}

func (d *demo) isMember(ctx context.Context, from, to *server) (bool, error) {
	var list struct {
		Members []struct{ Name string } `json:"members"`
	}
	if err := d.ask(ctx, from, &list, "member", "list"); err != nil {
		return false, err
	}
	return slices.ContainsFunc(list.Members, func(m struct{ Name string }) bool { return m.Name == to.name }), nil
}

func (d *demo) importZones(ctx context.Context) error {
	folders := []string{}
	if d.Zones != "" {
		folders = append(folders, d.Zones)
	}
	if d.Zones == "" || d.Tour { // the tour's edits are made in the zones that the program carries
		folder, err := d.unpackZones()
		if err != nil {
			return err
		}
		folders = append(folders, folder)
	}
	began := time.Now()
	for _, folder := range folders {
		d.say("importing  the zone files of %s at server 1", folder)
		if err := d.importFolder(ctx, folder); err != nil {
			return err
		}
	}
	if _, err := d.at(ctx, d.servers[0], "wait", "--timeout", "10m"); err != nil {
		return err
	}
	d.say("in step    every server serves every zone, %s after the import began", time.Since(began).Round(time.Millisecond))
	return nil
}

// importFolder imports what it can: a file that is refused is told of and does not end the demo, as it does not stop the
// other files of an import.
func (d *demo) importFolder(ctx context.Context, folder string) error {
	out, err := d.at(ctx, d.first(), "zone", "import", folder, "--output", "json")
	taken := 0
	for line := range strings.Lines(out) {
		var r struct {
			Name    string                   `json:"name"`
			Problem *struct{ Detail string } `json:"problem"`
		}
		if json.Unmarshal([]byte(line), &r) != nil {
			continue
		}
		if r.Problem != nil {
			d.say("refused    %s: %s", r.Name, r.Problem.Detail)
		} else {
			taken++
		}
	}
	if taken == 0 {
		return err
	}
	return nil
}

// unpackZones writes the zones that the program carries beside the data.
func (d *demo) unpackZones() (string, error) {
	folder := filepath.Join(d.Dir, "zones")
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return "", fmt.Errorf("make a folder for the zones: %w", err)
	}
	entries, err := fs.ReadDir(zones, "zones")
	if err != nil {
		return "", err
	}
	for _, e := range entries {
		text, err := zones.ReadFile("zones/" + e.Name())
		if err != nil {
			return "", err
		}
		if err := os.WriteFile(filepath.Join(folder, e.Name()), text, 0o600); err != nil {
			return "", fmt.Errorf("write the zones: %w", err)
		}
	}
	return folder, nil
}

// stopByHand ends servers that a reader started again by hand on the demo's folders, before those are removed.
func (d *demo) stopByHand() {
	for _, s := range d.servers {
		text, err := os.ReadFile(s.pidFile())
		if err != nil {
			continue
		}
		pid, err := strconv.Atoi(strings.TrimSpace(string(text)))
		if err != nil || pid <= 1 || !s.owns(pid) {
			continue
		}
		_ = syscall.Kill(pid, syscall.SIGTERM)
		for range 100 {
			if errors.Is(syscall.Kill(pid, 0), syscall.ESRCH) {
				break
			}
			time.Sleep(50 * time.Millisecond)
		}
	}
}

// owns says whether the process still is a server on this folder: a process id may have been given to another program.
func (s *server) owns(pid int) bool {
	line, err := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid))
	if err != nil {
		return false
	}
	args := strings.Split(string(line), "\x00")
	for i, a := range args {
		if a == "--data" && i+1 < len(args) && samePath(args[i+1], s.dir) || a == "--data="+s.dir {
			return true
		}
	}
	return false
}

func samePath(a, b string) bool {
	x, errX := filepath.Abs(a)
	y, errY := filepath.Abs(b)
	return errX == nil && errY == nil && x == y
}
