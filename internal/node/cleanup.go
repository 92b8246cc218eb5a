package node

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/zonefleet/zonefleet/internal/backup"
)

// oldUnfinishedBackups is how release 0.1.0 named the folders of the data folder in which it prepared backups.
const oldUnfinishedBackups = ".backup-unfinished-*"

// removeLeftovers removes from a data folder what a server that was killed left there half done: each folder holds a
// whole copy of the database. It is for the start, when the folder is locked and nothing makes a backup yet.
func removeLeftovers(data string) error {
	left, err := os.ReadDir(data)
	if err != nil {
		return fmt.Errorf("look for unfinished backups: %w", err)
	}
	errs := []error{backup.Sweep(data)} // of a restore into this folder
	for _, e := range left {
		if match, _ := filepath.Match(oldUnfinishedBackups, e.Name()); !match || !e.IsDir() {
			continue // what an operator keeps here is none of ours
		}
		errs = append(errs, os.RemoveAll(filepath.Join(data, e.Name())))
	}
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("remove unfinished backups and restores: %w", err)
	}
	return nil
}
