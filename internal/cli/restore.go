package cli

import (
	"archive/tar"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/klauspost/compress/zstd"
	"github.com/spf13/cobra"

	"github.com/zonefleet/zonefleet/internal/config"
	"github.com/zonefleet/zonefleet/internal/store"
)

func (a *app) restoreCommand() *cobra.Command {
	return &cobra.Command{
		Use: "restore FILE", Short: "Make a data folder from a backup", Args: cobra.ExactArgs(1),
		Long: "Make a data folder (--data) from a backup, for `zonefleet serve`. The folder must not exist or be empty. No server is\n" +
			"needed. What the lost server wrote after the backup comes back from the other servers of the cluster.",
		RunE: func(_ *cobra.Command, args []string) error {
			data := first(a.data, a.Getenv("ZONEFLEET_DATA"), config.DefaultData)
			if err := restore(args[0], data); err != nil {
				return err
			}
			return a.show(struct {
				Data string `json:"data"`
			}{data}, func(t *text) { t.line("restored; start it: zonefleet serve --data %s", data) })
		},
	}
}

func restore(file, data string) error {
	f, err := os.Open(file)
	if err != nil {
		return err
	}
	defer f.Close()
	// Beside the data folder, so that there is room where the data will be and nothing is left if this stops half way.
	parent := filepath.Dir(filepath.Clean(data))
	if err := os.MkdirAll(parent, 0o755); err != nil {
		return err
	}
	dir, err := os.MkdirTemp(parent, ".restore-*")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	if err := unpack(f, dir); err != nil {
		return fmt.Errorf("%s is not a whole backup: %w", file, err)
	}
	if err := store.Restore(filepath.Join(dir, "checkpoint"), data); err != nil {
		return err
	}
	return moveFiles(filepath.Join(dir, "files"), data)
}

// unpack writes the files of a backup below dir: only plain files in its two folders, never outside.
func unpack(r io.Reader, dir string) error {
	z, err := zstd.NewReader(r, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(64<<20))
	if err != nil {
		return err
	}
	defer z.Close()
	t := tar.NewReader(z)
	for {
		h, err := t.Next()
		if errors.Is(err, io.EOF) {
			// The end of the archive is not the end of the file: what follows must be nothing, and must decompress.
			_, err := io.Copy(io.Discard, z)
			return err
		}
		if err != nil {
			return err
		}
		if err := unpackFile(t, h, dir); err != nil {
			return err
		}
	}
}

func unpackFile(t io.Reader, h *tar.Header, dir string) error {
	top, _, _ := strings.Cut(h.Name, "/")
	if h.Typeflag != tar.TypeReg || !filepath.IsLocal(h.Name) || path.Clean(h.Name) != h.Name || top != "checkpoint" && top != "files" {
		return fmt.Errorf("it holds %q, which no backup has", h.Name)
	}
	target := filepath.Join(dir, filepath.FromSlash(h.Name))
	if err := os.MkdirAll(filepath.Dir(target), 0o700); err != nil {
		return err
	}
	f, err := os.OpenFile(target, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(f, t)
	return errors.Join(err, f.Close())
}

func moveFiles(from, to string) error {
	entries, err := os.ReadDir(from)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	for _, e := range entries {
		if err := os.Rename(filepath.Join(from, e.Name()), filepath.Join(to, e.Name())); err != nil {
			return err
		}
	}
	return nil
}
