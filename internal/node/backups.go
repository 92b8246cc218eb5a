package node

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/zonefleet/zonefleet/internal/backup"
	"github.com/zonefleet/zonefleet/internal/control"
	"github.com/zonefleet/zonefleet/internal/rest"
	"github.com/zonefleet/zonefleet/internal/store"
	"github.com/zonefleet/zonefleet/internal/zone"
)

// The pace of the nightly backup. All servers of a company would begin at the same time, often on one shared disk, so each
// begins later by a part of an hour that follows from its name.
const (
	backupSpread = 3600            // seconds
	backupLook   = time.Minute     // how often the time is looked at: clocks jump, machines sleep
	backupFirst  = 3 * time.Second // after a start, when everything is served
	backupRetry  = zone.Millis(60 * 60 * 1000)
)

// What the files are called. Unfinished ones never have the name of a finished one.
const (
	backupSuffix     = ".zfb"
	backupTime       = "20060102-150405"
	unfinishedBackup = ".backup-unfinished-*"
)

// backups makes backups: those of the night, and those that people ask for.
type backups struct {
	node *Node
	one  sync.Mutex // held while the backup of the night is made: one at a time
	// Of the backup command: how long it may take, how long it may read nothing, and how long between being told to stop and
	// being made to.
	commandTime, commandStall, commandGrace time.Duration
}

// plan says when the next one is due: at once if a night was missed, an hour after a failure.
func (b *backups) plan(last control.Backups) control.BackupPlan {
	c := b.node.live.Load().Backup
	p := control.BackupPlan{On: !c.Off, To: c.Dir, Keep: c.Keep}
	if len(c.Command) > 0 {
		p.To, p.Keep = c.Command[0], 0
	}
	if c.Off {
		return p
	}
	now := b.node.now()
	before, after := nights(time.UnixMilli(int64(now)), c.At+spread(b.node.Config.Name))
	switch {
	case zone.Millis(before.UnixMilli()) <= max(last.Since, last.Good) || last.Since == 0:
		p.Next = zone.Millis(after.UnixMilli())
	case last.Tried > last.Good:
		p.Next = max(last.Tried+backupRetry, now)
	default:
		p.Next = now
	}
	return p
}

// nights are the last and the next time of day at.
func nights(now time.Time, at time.Duration) (before, after time.Time) {
	y, m, d := now.Date()
	day := func(d int) time.Time { return time.Date(y, m, d, 0, 0, int(at.Seconds()), 0, now.Location()) }
	for before = day(d + 1); before.After(now); d-- {
		before = day(d)
	}
	return before, day(d + 2)
}

func spread(name string) time.Duration {
	h := fnv.New32a()
	h.Write([]byte(name))
	return time.Duration(h.Sum32()%backupSpread) * time.Second
}

// run makes a backup each night.
func (b *backups) run(ctx context.Context) error {
	if err := b.sweep(); err != nil {
		b.node.log.Warn("unfinished backups were not removed", "err", err)
	}
	select {
	case <-b.node.front.loaded:
	case <-ctx.Done():
		return nil
	}
	timer := time.NewTimer(backupFirst)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-timer.C:
		}
		now, err := b.node.control.ExpectBackups(ctx)
		if err == nil && now.On && b.plan(now).Next <= b.node.now() {
			err = b.Run(ctx)
		}
		if err != nil && ctx.Err() == nil {
			b.node.log.Error("no backup was made", "err", err)
		}
		timer.Reset(backupLook)
	}
}

// Run makes the backup of the night now and notes what became of it.
func (b *backups) Run(ctx context.Context) error {
	if !b.one.TryLock() {
		return &control.Error{Code: control.CodeConflict, Message: "a backup is being made already"}
	}
	defer b.one.Unlock()
	done := control.BackupDone{At: b.node.now()}
	var s backup.Summary
	if c := b.node.live.Load().Backup; len(c.Command) > 0 {
		s, done.Err = b.toCommand(ctx, c.Command)
		done.Where = c.Command[0]
	} else {
		done.Where, s, done.Err = b.toFolder(ctx, c.Dir, c.Keep)
	}
	done.Zones, done.Bytes = s.Zones, s.Octets
	if ctx.Err() != nil {
		return done.Err // the server ends, or whoever asked has gone: that is no failure
	}
	return errors.Join(done.Err, b.node.control.NoteBackup(ctx, done))
}

// Write writes a backup to w. With open it needs no recovery key.
func (b *backups) Write(ctx context.Context, w io.Writer, open bool) (backup.Summary, error) {
	n := b.node
	key, err := n.store.SealKey()
	if err != nil {
		return backup.Summary{}, err
	}
	files := map[string][]byte{}
	for _, name := range backup.Files() {
		content, err := os.ReadFile(filepath.Join(n.Config.Data, name))
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return backup.Summary{}, err
		}
		if err == nil {
			files[name] = content
		}
	}
	h := backup.Header{
		Server: n.Config.Name, Fingerprint: n.identity.Fingerprint(), Version: n.Version,
		Time: time.UnixMilli(int64(n.now())).UTC().Truncate(time.Second),
	}
	return backup.Write(w, h, backup.KeyOf(key), open, backup.Source{
		Rows:   func(f func(store.Row) error) error { return n.store.Dump(ctx, f) },
		Secret: secret, Files: files,
	})
}

// secret says which rows are sealed: all configuration but what is known to be harmless, and what is of use to this very
// server only.
func secret(r store.Row) bool {
	kind, isRecord := r.Record()
	return isRecord && !slices.Contains(control.OpenInBackup(), kind) || r.IsRegister()
}

// toFolder makes a file that has its name only when it is whole, on the disk, and was read again. Older ones go then.
func (b *backups) toFolder(ctx context.Context, dir string, keep int) (path string, s backup.Summary, err error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", s, fmt.Errorf("make the folder of backups: %w", err)
	}
	if err := b.sweep(); err != nil {
		return "", s, err
	}
	f, err := os.CreateTemp(dir, unfinishedBackup) // mode 0600
	if err != nil {
		return "", s, fmt.Errorf("begin backup: %w", err)
	}
	defer os.Remove(f.Name()) // gone already when all went well
	defer f.Close()
	s, err = b.Write(ctx, &roomyWriter{w: f, dir: dir}, false)
	if err == nil {
		err = errors.Join(f.Sync(), b.check(ctx, f))
	}
	if err != nil {
		return "", s, err
	}
	path = filepath.Join(dir, b.prefix()+time.UnixMilli(int64(b.node.now())).UTC().Format(backupTime)+backupSuffix)
	if err := os.Rename(f.Name(), path); err != nil {
		return "", s, fmt.Errorf("name backup: %w", err)
	}
	return path, s, errors.Join(syncFolder(dir), b.prune(dir, filepath.Base(path), keep))
}

// check reads back what was written.
func (b *backups) check(ctx context.Context, f *os.File) error {
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return err
	}
	key, err := b.node.store.SealKey()
	if err != nil {
		return err
	}
	k := backup.KeyOf(key)
	r, err := backup.Check(ctx, f, &k, "")
	if err == nil && !r.Whole() {
		err = fmt.Errorf("the backup that was written is not whole: %w", r.Damages[0])
	}
	return err
}

func (b *backups) prefix() string { return "zonefleet-" + b.node.Config.Name + "-" }

// finished are this server's backups in the folder, the oldest first.
func (b *backups) finished(dir string) (names []string, err error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		at, ours := strings.CutPrefix(e.Name(), b.prefix())
		at, named := strings.CutSuffix(at, backupSuffix)
		if _, err := time.Parse(backupTime, at); ours && named && err == nil && e.Type().IsRegular() {
			names = append(names, e.Name())
		}
	}
	slices.Sort(names)
	return names, nil
}

// prune removes the oldest, never the one that was made just now. Those of a time after it were made by a clock that was ahead
// and are older than all others. What an operator keeps there under another name is none of ours.
func (b *backups) prune(dir, made string, keep int) error {
	names, err := b.finished(dir)
	if err != nil {
		return fmt.Errorf("look for old backups: %w", err)
	}
	if at := slices.Index(names, made); at >= 0 {
		names = slices.Concat(names[at+1:], names[:at+1])
	}
	var errs []error
	for _, name := range names[:max(len(names)-keep, 0)] {
		errs = append(errs, os.Remove(filepath.Join(dir, name)))
	}
	return errors.Join(errs...)
}

// sweep removes what a kill left half done in the folder of backups.
func (b *backups) sweep() error {
	left, err := filepath.Glob(filepath.Join(b.node.live.Load().Backup.Dir, unfinishedBackup))
	for _, path := range left {
		err = errors.Join(err, os.Remove(path))
	}
	return err
}

// Files lists the backups of the folder, the newest first.
func (b *backups) Files() ([]rest.BackupFile, error) {
	dir := b.node.live.Load().Backup.Dir
	names, err := b.finished(dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	var list []rest.BackupFile
	for _, name := range slices.Backward(names) {
		info, err := os.Stat(filepath.Join(dir, name))
		if err != nil {
			continue // removed a moment ago
		}
		list = append(list, rest.BackupFile{Path: filepath.Join(dir, name), Bytes: info.Size(), Time: info.ModTime().UTC()})
	}
	return list, nil
}

func syncFolder(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
