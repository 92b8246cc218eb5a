package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/zonefleet/zonefleet/internal/api"
	"github.com/zonefleet/zonefleet/internal/client"
)

func (a *app) zoneExport() *cobra.Command {
	var dir, search string
	var all bool
	c := &cobra.Command{
		Use: "export [ZONE...]", Short: "Write zones as zone files", ValidArgsFunction: a.completeZone,
		Long: "Write zones to standard output, or with --dir as files ZONE.db in a folder. Without names, --all exports every zone.",
		RunE: func(c *cobra.Command, args []string) error {
			if len(args) == 0 && !all && search == "" {
				return usage("name zones, or give --all")
			}
			if len(args) > 0 && (all || search != "") {
				return usage("either name zones, or give --all or --search")
			}
			out := &exporter{app: a, dir: dir}
			if dir != "" {
				if err := os.MkdirAll(dir, 0o755); err != nil {
					return err
				}
			}
			return out.run(c.Context(), args, search)
		},
	}
	f := c.Flags()
	f.StringVar(&dir, "dir", "", "folder for the files, made if missing")
	f.StringVar(&search, "search", "", "every zone with this in its name")
	f.BoolVar(&all, "all", false, "every zone")
	return c
}

type exporter struct {
	*app
	dir  string
	bar  *progress
	done int
}

func (e *exporter) run(ctx context.Context, names []string, search string) error {
	c, err := e.connect(ctx)
	if err != nil {
		return err
	}
	defer c.Close()
	e.bar = e.progress("exporting", len(names))
	defer e.bar.end()
	for _, name := range names {
		text, _, err := download(ctx, c, client.Path("zones", name, "file"))
		if err != nil {
			return err
		}
		if err := e.write(name, string(text)); err != nil {
			return err
		}
	}
	if len(names) == 0 {
		err = c.Each(ctx, client.Path("export"), url.Values{"q": {search}}, func(line []byte) error {
			var doc api.ExportLine
			if err := json.Unmarshal(line, &doc); err != nil {
				return fmt.Errorf("read the answer: %w", err)
			}
			if doc.Problem != nil {
				return doc.Problem
			}
			return e.write(doc.Name, doc.Text)
		})
	}
	e.bar.end()
	if err == nil && e.dir != "" && !e.json() {
		e.outText().line("exported %s to %s", plural(e.done, "zone", "zones"), e.dir)
	}
	return err
}

func (e *exporter) write(name, text string) error {
	e.done++
	e.bar.add(1)
	if e.dir != "" {
		return replaceFile(filepath.Join(e.dir, fileName(name)), text)
	}
	if e.json() {
		enc := json.NewEncoder(e.Stdout)
		enc.SetEscapeHTML(false)
		return enc.Encode(api.ExportLine{Name: name, Text: text})
	}
	_, err := fmt.Fprint(e.Stdout, text)
	return err
}

// replaceFile leaves the old file or the new one, never half of one.
func replaceFile(path, text string) error {
	f, err := os.CreateTemp(filepath.Dir(path), ".export-*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name()) // gone already when all went well
	_, err = f.WriteString(text)
	if err := errors.Join(err, f.Chmod(0o644), f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}
