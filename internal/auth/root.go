package auth

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// RootFile is the name of the file in the data folder that holds the root token made at the first start. The CLI on
// the same machine reads it.
const RootFile = "root.token"

// WriteRootFile keeps the text of the first root token in dir, readable by its owner only. The file appears whole or
// not at all and replaces an older one.
func WriteRootFile(dir, text string) error {
	f, err := os.CreateTemp(dir, RootFile+".new-*") // CreateTemp makes it with mode 0600
	if err != nil {
		return fmt.Errorf("write root token: %w", err)
	}
	_, err = f.WriteString(text + "\n")
	err = errors.Join(err, f.Sync(), f.Close())
	if err == nil {
		err = os.Rename(f.Name(), filepath.Join(dir, RootFile))
	}
	if err != nil {
		os.Remove(f.Name()) //nolint:errcheck // the first error is the one to tell
		return fmt.Errorf("write root token: %w", err)
	}
	return nil
}
