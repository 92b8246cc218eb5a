package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/zonefleet/zonefleet/internal/api"
	"github.com/zonefleet/zonefleet/internal/client"
)

// backupFlags say which of the things that concern backups is wanted; without one a backup is written here.
type backupFlags struct {
	check       bool
	now, list   bool
	recoveryKey bool
	open        bool
	key         keyFlag
}

func (a *app) backupCommand() *cobra.Command {
	var f backupFlags
	c := &cobra.Command{
		Use: "backup [FILE]", Short: "Write a consistent copy of the server to one file", Args: cobra.MaximumNArgs(1),
		Long: "Write a consistent copy of the server to one file while it goes on working; - is standard output. The keys, tokens and\n" +
			"members in it are sealed: the recovery key opens them (--recovery-key shows it), zones come back without it. Each night the\n" +
			"server makes one by itself: --list shows how that stands. restore puts back a server, zone restore a zone.",
		RunE: func(c *cobra.Command, args []string) error { return a.runBackup(c.Context(), f, args) },
	}
	c.Flags().BoolVar(&f.check, "check", false, "read FILE, verify everything in it, and say what it holds; no server is needed")
	c.Flags().BoolVar(&f.now, "now", false, "let the server make its nightly backup now")
	c.Flags().BoolVar(&f.list, "list", false, "show how the nightly backup stands, and the files that are kept")
	c.Flags().BoolVar(&f.recoveryKey, "recovery-key", false, "show the recovery key of the data folder on this machine: keep it apart from the backups")
	c.Flags().BoolVar(&f.open, "open", false, "leave the secrets unsealed: whoever has the file has the server's keys and tokens")
	f.key.add(c)
	c.MarkFlagsMutuallyExclusive("check", "now", "list", "recovery-key", "open")
	return c
}

func (a *app) runBackup(ctx context.Context, f backupFlags, args []string) error {
	switch {
	case f.check && len(args) == 0:
		return usage("--check needs the FILE to check")
	case f.check:
		return a.checkBackup(ctx, args[0], f.key)
	case len(args) > 0 && (f.now || f.list || f.recoveryKey):
		return usage("FILE is for a backup that is written or checked here")
	case f.now:
		b, err := send[api.Backups](ctx, a, http.MethodPost, nil, nil, "backups")
		if err != nil {
			return err
		}
		return a.show(b, func(t *text) { t.line("%s: %s, %d bytes", b.Where, plural(b.Zones, "zone", "zones"), b.Bytes) })
	case f.list:
		b, err := get[api.Backups](ctx, a, nil, "backups")
		if err != nil {
			return err
		}
		return a.show(b, func(t *text) { t.backups(b) })
	case f.recoveryKey:
		return a.showRecoveryKey()
	}
	return a.writeBackup(ctx, f.open, args)
}

func (a *app) writeBackup(ctx context.Context, open bool, args []string) error {
	server, err := a.connect(ctx)
	if err != nil {
		return err
	}
	defer server.Close()
	q := url.Values{}
	if open {
		q.Set("open", "true")
	}
	res, err := server.Stream(ctx, client.Request{Method: http.MethodGet, Path: client.Path("backup"), Query: q})
	if err != nil {
		return err
	}
	defer res.Body.Close()
	return a.takeBackup(res, args)
}

func (a *app) takeBackup(res *http.Response, args []string) error {
	path := ""
	if len(args) == 1 {
		path = args[0]
	}
	if path == "-" {
		if isTerminal(a.Stdout) {
			return usage("a backup is no text for a terminal: send it to a file or a pipe")
		}
		_, err := io.Copy(a.Stdout, res.Body)
		return broken(err)
	}
	if path == "" {
		_, params, _ := mime.ParseMediaType(res.Header.Get("Content-Disposition"))
		// The name comes from the server; only its last part counts, so that it cannot leave this folder.
		if path = filepath.Base(params["filename"]); path == "." || path == "/" {
			path = "zonefleet-backup.zfb"
		}
	}
	n, err := a.saveBackup(path, res.Body)
	if err != nil {
		return err
	}
	return a.show(struct {
		File  string `json:"file"`
		Bytes int64  `json:"bytes"`
	}{path, n}, func(t *text) { t.line("%s: %d bytes", path, n) })
}

// saveBackup gives the file its name only when it is whole.
func (a *app) saveBackup(path string, from io.Reader) (int64, error) {
	if _, err := os.Lstat(path); err == nil {
		return 0, fmt.Errorf("%s: %w", path, os.ErrExist)
	}
	f, err := os.CreateTemp(filepath.Dir(path), ".backup-*")
	if err != nil {
		return 0, err
	}
	defer os.Remove(f.Name()) // gone already when all went well
	bar := a.progress("bytes", 0)
	n, err := io.Copy(f, io.TeeReader(from, counter{bar}))
	bar.end()
	if err := errors.Join(broken(err), f.Sync(), f.Close()); err != nil {
		return 0, err
	}
	return n, os.Rename(f.Name(), path)
}

func broken(err error) error {
	if err != nil {
		return fmt.Errorf("%w any more: the backup is not whole: %w", client.ErrUnreachable, err)
	}
	return nil
}

// counter moves a bar by what is written to it.
type counter struct{ bar *progress }

func (c counter) Write(b []byte) (int, error) {
	c.bar.add(len(b))
	return len(b), nil
}

func (t *text) backups(b api.Backups) {
	switch {
	case !b.Nightly:
		t.line("no backup is made by itself (backup_time = off)")
	case b.Last == nil:
		t.line("%s", t.yellow("no backup was made yet"))
	default:
		t.line("last good backup: %s, %s, %d bytes, %s", when(*b.Last), plural(b.Zones, "zone", "zones"), b.Bytes, clean(b.Where))
	}
	if b.Error != "" {
		t.line("%s %s", t.red("the last one failed:"), clean(b.Error))
	}
	if b.Late {
		t.line("%s", t.red("the last good backup is older than two days"))
	}
	if b.Next != nil {
		t.line("next: %s, to %s", when(*b.Next), clean(b.To))
	}
	if len(b.Files) == 0 {
		return
	}
	tb := t.table("FILE", "TIME", "BYTES")
	for _, f := range b.Files {
		tb.row(f.Path, when(f.Time), strconv.FormatInt(f.Bytes, 10))
	}
	tb.print()
}
