package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"github.com/zonefleet/zonefleet/internal/backup"
	"github.com/zonefleet/zonefleet/internal/config"
	"github.com/zonefleet/zonefleet/internal/store"
)

// keyFlag is how a recovery key is given: in a file, because arguments are seen by everybody on the machine.
type keyFlag struct{ file string }

func (k *keyFlag) add(c *cobra.Command) {
	c.Flags().StringVar(&k.file, "key-file", "", "file with the recovery key, or a copy of the server's seal.key (ZONEFLEET_RECOVERY_KEY: the key itself)")
}

// key is the recovery key that was given, nil if none was.
func (a *app) key(k keyFlag) (*backup.Key, error) {
	text, from := []byte(a.Getenv("ZONEFLEET_RECOVERY_KEY")), "ZONEFLEET_RECOVERY_KEY"
	if k.file != "" {
		var err error
		if text, err = os.ReadFile(k.file); err != nil {
			return nil, fmt.Errorf("read the recovery key: %w", err)
		}
		from = k.file
	}
	if len(text) == 0 {
		return nil, nil
	}
	key, err := backup.ParseKey(text)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", from, err)
	}
	return &key, nil
}

// showRecoveryKey reads the data folder itself: whoever can read its seal.key has everything anyway, and no server shows a
// secret a second time.
func (a *app) showRecoveryKey() error {
	data := a.dataFolder()
	seal, err := store.ReadSealKey(data)
	if errors.Is(err, os.ErrPermission) || errors.Is(err, os.ErrNotExist) {
		return withHint(fmt.Errorf("read %s: %w", filepath.Join(data, "seal.key"), err),
			"run it on the server, as root or as the user who runs it, with --data naming its data folder")
	}
	if err != nil {
		return err
	}
	key := backup.KeyOf(seal)
	return a.show(struct {
		Key string `json:"recovery_key"`
		ID  string `json:"key_id"`
	}{key.Text(), key.ID()}, func(t *text) { t.line("%s", key.Text()) })
}

func (a *app) dataFolder() string {
	return first(a.data, a.Getenv("ZONEFLEET_DATA"), config.DefaultData)
}

// checkedBackup is the answer of backup --check.
type checkedBackup struct {
	File    string    `json:"file"`
	Whole   bool      `json:"whole"`
	Server  string    `json:"server"`
	Time    time.Time `json:"time"`
	Version string    `json:"version"`
	Format  int       `json:"format"`
	Zones   int       `json:"zones"`
	Deleted int       `json:"deleted"`
	Sealed  bool      `json:"sealed"`
	KeyID   string    `json:"key_id,omitempty"`
	Open    bool      `json:"open"`
	Damages []string  `json:"damages"`
}

func (a *app) checkBackup(ctx context.Context, path string, k keyFlag) error {
	key, err := a.key(k)
	if err != nil {
		return err
	}
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	r, err := backup.Check(ctx, f, key, "")
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	h := r.Header
	doc := checkedBackup{
		File: path, Whole: r.Whole(), Server: h.Server, Time: h.Time, Version: h.Version, Format: r.Format, Zones: r.Zones,
		Deleted: r.Deleted, Sealed: r.Sealed, KeyID: h.KeyID, Open: r.Format == 1 || len(h.OpenKey) > 0, Damages: []string{},
	}
	for _, d := range r.Damages {
		doc.Damages = append(doc.Damages, d.Error())
	}
	if err := a.show(doc, func(t *text) { t.checkedBackup(doc) }); err != nil {
		return err
	}
	if !doc.Whole {
		return &quietExit{exitError}
	}
	return nil
}

func (t *text) checkedBackup(c checkedBackup) {
	t.line("%s: %s of %s, by version %s (format %d)", clean(c.File), when(c.Time), t.bold(orDash(clean(c.Server))), clean(c.Version), c.Format)
	t.line("  %s, %d deleted", plural(c.Zones, "zone", "zones"), c.Deleted)
	switch {
	case c.Open:
		t.line("  %s", t.yellow("its secrets are not sealed: keep it as you keep the server's keys"))
	case c.Sealed:
		t.line("  secrets sealed for the recovery key %s; only their checksums were verified", c.KeyID)
	default:
		t.line("  secrets opened with the recovery key %s", c.KeyID)
	}
	for _, d := range c.Damages {
		t.line("%s", t.red(clean(d)))
	}
	if c.Whole {
		t.line("%s", t.green("whole"))
	}
}
