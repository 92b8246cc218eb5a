package node

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// What a backup that was broken off leaves in the data folder: a folder of this name with nothing but a copy of the
// database in it.
const (
	backupFolders    = "backup-*"
	backupCheckpoint = "checkpoint"
)

// removeLeftovers removes from a data folder the backups that a kill broke off: each holds a whole copy of the database.
// It is for the start, when the folder is locked and no backup is being made. A folder with anything else in it is
// somebody's own and stays.
func removeLeftovers(data string) error {
	folders, err := filepath.Glob(filepath.Join(data, backupFolders))
	if err != nil {
		return fmt.Errorf("look for unfinished backups: %w", err)
	}
	var errs []error
	for _, dir := range folders {
		if isLeftover(dir) {
			errs = append(errs, os.RemoveAll(dir))
		}
	}
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("remove unfinished backups: %w", err)
	}
	return nil
}

func isLeftover(dir string) bool {
	content, err := os.ReadDir(dir)
	return err == nil && (len(content) == 0 || len(content) == 1 && content[0].Name() == backupCheckpoint && content[0].IsDir())
}
