package install

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/zonefleet/zonefleet/packaging"
)

// ErrWayBack is wrapped when a new program did not work and the one before it runs again.
var ErrWayBack = errors.New("the old program runs again")

// previous is where the program that was replaced is kept.
const previous = packaging.Program + ".previous"

// putProgram copies this program to its place and keeps what was there. It reports whether there was another one.
func (h *Host) putProgram(self string) (replaced bool, err error) {
	at := h.path(packaging.Program)
	if same(self, at) {
		return false, nil
	}
	from, err := os.Open(self)
	if err != nil {
		return false, err
	}
	defer from.Close()
	if err := os.MkdirAll(h.path("/usr/local/bin"), 0o755); err != nil {
		return false, err
	}
	if replaced = exists(at); replaced {
		if err := errors.Join(remove(h.path(previous)), os.Link(at, h.path(previous))); err != nil {
			return false, fmt.Errorf("keep the program that is there: %w", err)
		}
	}
	if err := replace(at, from, 0o755); err != nil {
		return false, err
	}
	h.say("%s", packaging.Program)
	return replaced, nil
}

func same(a, b string) bool {
	x, err1 := os.Stat(a)
	y, err2 := os.Stat(b)
	return err1 == nil && err2 == nil && os.SameFile(x, y)
}

// was is what an upgrade replaced.
type was struct {
	program bool   // it is kept as previous
	unit    string // text of the unit file; empty: there was none
}

func (h *Host) unitText() string {
	text, err := os.ReadFile(h.path(unitFile))
	if err != nil {
		return ""
	}
	return string(text)
}

// upgrade lets the program on disk take over from the running one. If it does not, or is not healthy, the one before it
// goes on or is brought back.
func (h *Host) upgrade(ctx context.Context, s server, old was) error {
	answered := Answering(ctx, s.call)
	err := s.handOver(ctx)
	if err == nil {
		err = AwaitHealthy(ctx, s.call, h.Version, answered)
	}
	if err == nil || !old.program && old.unit == h.unitText() { // nothing was replaced
		return err
	}
	h.say("%v", err)
	return errors.Join(err, h.goBack(ctx, s, old, answered))
}

// goBack puts what was there in its place again and makes sure that it runs.
func (h *Host) goBack(ctx context.Context, s server, old was, answered []string) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), limit)
	defer cancel()
	if old.program {
		if err := h.swap(); err != nil {
			return err
		}
	}
	if old.unit != "" {
		if _, err := h.write(unitFile, old.unit); err != nil {
			return err
		}
		if err := systemctl(ctx, "daemon-reload"); err != nil {
			return err
		}
	}
	if err := s.awaitFile(ctx, answered); err != nil {
		return fmt.Errorf("the way back failed too: %w", err)
	}
	return ErrWayBack
}

// swap exchanges the program and the one before it.
func (h *Host) swap() error {
	at, old, aside := h.path(packaging.Program), h.path(previous), h.path(packaging.Program+".aside")
	if !exists(old) {
		return fmt.Errorf("there is no %s to go back to: %w", previous, fs.ErrNotExist)
	}
	return errors.Join(remove(aside), os.Link(at, aside), os.Rename(old, at), os.Rename(aside, old), syncFolder(h.path("/usr/local/bin")))
}

// Rollback goes back to the program that the last upgrade replaced, as carefully as forward: if that one does not take over,
// the present one goes on. A second rollback undoes the first.
func (h *Host) Rollback(ctx context.Context) (Result, error) {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	if os.Geteuid() != 0 {
		return Result{}, ErrNotRoot
	}
	c, err := h.config()
	if err != nil {
		return Result{}, err
	}
	if err := h.swap(); err != nil {
		return Result{}, err
	}
	h.say("%s is the one before again", packaging.Program)
	if !h.booted() || !active(ctx) {
		return Result{Upgraded: true}, nil
	}
	s := server{h, c}
	answered := Answering(ctx, s.call)
	if err = s.handOver(ctx); err == nil {
		err = AwaitHealthy(ctx, s.call, "", answered)
	}
	if err != nil {
		return Result{}, errors.Join(err, h.goBack(ctx, s, was{program: true, unit: h.unitText()}, answered))
	}
	return Result{Upgraded: true, Running: true}, nil
}

// HandOver lets the program that a package has put in its place take over from the running one. The way back is the package's.
func (h *Host) HandOver(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	if os.Geteuid() != 0 {
		return ErrNotRoot
	}
	c, err := h.config()
	if err != nil {
		return err
	}
	s := server{h, c}
	answered := Answering(ctx, s.call)
	if err := s.handOver(ctx); err != nil {
		return err
	}
	return AwaitHealthy(ctx, s.call, h.Version, answered)
}
