package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/zonefleet/zonefleet/internal/api"
	"github.com/zonefleet/zonefleet/internal/client"
)

func (a *app) zoneEdit() *cobra.Command {
	var w writeFlags
	var file, match string
	var dry bool
	c := &cobra.Command{
		Use: "edit ZONE", Short: "Edit a zone as a zone file", Args: cobra.ExactArgs(1), ValidArgsFunction: a.completeZone,
		Long: "Open the zone in $VISUAL or $EDITOR, or with --file take its new content from a file (- is standard input).\n" +
			"What somebody else changed meanwhile is kept; where both changed the same records, nothing is done.",
		RunE: func(c *cobra.Command, args []string) error {
			q := w.query()
			if w.reason != "" {
				q.Set("reason", w.reason)
			}
			if dry {
				q.Set("dry_run", "true")
			}
			return a.editZone(c.Context(), client.Request{
				Method: http.MethodPut, Path: client.Path("zones", args[0], "file"), Query: q, ContentType: "text/dns", IfMatch: match,
			}, file)
		},
	}
	w.add(c)
	f := c.Flags()
	f.StringVar(&file, "file", "", "take the content from this file instead of an editor; - is standard input")
	f.StringVar(&match, "if-match", "", "version (etag) that the file was made from (default: the one there is now)")
	f.BoolVar(&dry, "dry-run", false, "say what would change, change nothing")
	return c
}

func (a *app) editZone(ctx context.Context, put client.Request, file string) error {
	c, err := a.connect(ctx)
	if err != nil {
		return err
	}
	defer c.Close()
	now, etag, err := download(ctx, c, put.Path)
	if err != nil {
		return err
	}
	if put.IfMatch == "" {
		put.IfMatch = etag
	}
	kept := ""
	var edited []byte
	if file != "" {
		edited, err = a.readInput(file)
	} else if edited, kept, err = a.inEditor(ctx, now); err == nil && bytes.Equal(edited, now) {
		os.Remove(kept)
		a.errText().line("nothing changed")
		return nil
	}
	if err != nil {
		return err
	}
	put.Raw = bytes.NewReader(edited)
	var res api.WriteResult
	began := time.Now()
	if err := c.Do(ctx, put, &res); err != nil {
		if kept != "" {
			a.errText().line("what you wrote is kept in %s", kept)
		}
		return err
	}
	if kept != "" {
		os.Remove(kept)
	}
	if err := goOn(ctx, c, res.Reach, put.Query, res.Zone, res.Change, began); err != nil {
		return err
	}
	return a.showWritten(res, put.Query.Has("dry_run"))
}

func download(ctx context.Context, c *client.Client, path string) (text []byte, etag string, err error) {
	res, err := c.Stream(ctx, client.Request{Method: http.MethodGet, Path: path})
	if err != nil {
		return nil, "", err
	}
	defer res.Body.Close()
	text, err = io.ReadAll(res.Body)
	return text, strings.Trim(res.Header.Get("ETag"), `"`), err
}

func (a *app) readInput(file string) ([]byte, error) {
	if file == "-" {
		return io.ReadAll(a.Stdin)
	}
	return os.ReadFile(file)
}

// inEditor lets a person edit text and returns it with the file that holds it, which stays until the edit is taken.
func (a *app) inEditor(ctx context.Context, text []byte) (edited []byte, path string, err error) {
	editor := first(a.Getenv("VISUAL"), a.Getenv("EDITOR"))
	if editor == "" {
		if !isTerminal(a.Stdin) {
			return nil, "", withHint(errors.New("there is no terminal for an editor"), "give the new content with --file, or set EDITOR")
		}
		editor = "vi"
	}
	f, err := os.CreateTemp("", "zonefleet-*.db")
	if err != nil {
		return nil, "", err
	}
	_, err = f.Write(text)
	if err := errors.Join(err, f.Close()); err != nil {
		return nil, "", err
	}
	// The variable may hold arguments, as in "code --wait"; the shell is what takes them apart everywhere else too.
	cmd := exec.CommandContext(ctx, "sh", "-c", editor+` "$1"`, "sh", f.Name())
	cmd.Stdin, cmd.Stdout, cmd.Stderr = a.Stdin, a.Stdout, a.Stderr
	if err := cmd.Run(); err != nil {
		return nil, "", fmt.Errorf("editor %s: %w", editor, err)
	}
	edited, err = os.ReadFile(f.Name())
	return edited, f.Name(), err
}
