package config

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/pelletier/go-toml/v2"
)

func rememberedPath(data string) string { return filepath.Join(data, "settings.toml") }

func readRemembered(data string, wrong *Mistakes) layer {
	path := rememberedPath(data)
	b, err := readIfExists(path)
	if err != nil {
		wrong.add(fmt.Errorf("read remembered flags: %w", err))
		return nil
	}
	return parse(path, b, true, wrong)
}

// Remember keeps the flags in the data folder, which must exist, so that the next start has them without being told.
// A crash leaves the old file or the new one, never half of one.
func (c Config) Remember() error {
	path := rememberedPath(c.Data)
	text, err := c.remember.text()
	if err != nil {
		return err
	}
	if old, err := readIfExists(path); err == nil && bytes.Equal(old, text) {
		return nil
	}
	if err := replaceFile(path, text); err != nil {
		return fmt.Errorf("remember flags: %w", err)
	}
	return nil
}

func (l layer) text() ([]byte, error) {
	out := []byte("# The flags of the last starts, used again by the next one. Written by zonefleet serve;\n" +
		"# delete a line to forget that flag.\n")
	names := make([]string, 0, len(l))
	for name := range l {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		var value any = l[name].first("")
		if k, _ := lookup(name); k.Many {
			value = l[name].texts
		}
		line, err := toml.Marshal(map[string]any{name: value})
		if err != nil {
			return nil, fmt.Errorf("remember flag %s: %w", name, err)
		}
		out = append(out, line...)
	}
	return out, nil
}

func replaceFile(path string, text []byte) error {
	f, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name()) // gone already when all went well
	if _, err := f.Write(text); err != nil {
		f.Close()
		return err
	}
	if err := f.Sync(); err != nil {
		f.Close()
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}
