package cli

import (
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/zonefleet/zonefleet/internal/client"
)

func (a *app) backupCommand() *cobra.Command {
	return &cobra.Command{
		Use: "backup [FILE]", Short: "Write a consistent copy of the server to one file", Args: cobra.MaximumNArgs(1),
		Long: "Write a consistent copy of the server to one file while it goes on working; - is standard output. The file holds the\n" +
			"server's keys and tokens: keep it as you keep those. restore makes a data folder of it.",
		RunE: func(c *cobra.Command, args []string) error {
			server, err := a.connect(c.Context())
			if err != nil {
				return err
			}
			defer server.Close()
			res, err := server.Stream(c.Context(), client.Request{Method: http.MethodGet, Path: client.Path("backup")})
			if err != nil {
				return err
			}
			defer res.Body.Close()
			return a.takeBackup(res, args)
		},
	}
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
			path = "zonefleet-backup.tar.zst"
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
