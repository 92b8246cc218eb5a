package config

import (
	"errors"
	"fmt"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// Backup says when and where the nightly backup goes.
type Backup struct {
	Off     bool
	At      time.Duration // after midnight, local time
	Keep    int           // how many files stay in Dir
	Dir     string        // "" is DATA/backups
	Command []string      // gets the file on its standard input instead of Dir; the program and its arguments, no shell
}

// Defaults of the nightly backup.
const (
	backupAt   = 2 * time.Hour
	backupKeep = 7
)

func backupKeys() []Key {
	return []Key{
		{Name: "backup_time", Value: "HH:MM", Help: "when the nightly backup begins, local time, up to an hour later so that not all servers begin at once; off: none (default 02:00)", Live: true, set: one(setBackupTime), show: showBackupTime},
		{Name: "backup_keep", Value: "N", Help: "how many nightly backups are kept (default 7)", Live: true, set: one(setBackupKeep), show: func(c Config) string { return strconv.Itoa(c.Backup.Keep) }},
		{Name: "backup_dir", Value: "DIR", Help: "folder of the nightly backups (default DATA/backups)", Live: true, set: one(setBackupDir), show: func(c Config) string { return c.Backup.Dir }, path: true},
		{Name: "backup_command", Value: "COMMAND", Help: "program and arguments that get the nightly backup on standard input, instead of the folder", Many: true, Live: true, set: setBackupCommand, show: func(c Config) string { return strings.Join(c.Backup.Command, " ") }, fileOnly: true},
	}
}

func setBackupTime(c *Config, s string) error {
	if c.Backup.Off = s == "off"; c.Backup.Off {
		return nil
	}
	t, err := time.Parse("15:04", s)
	if err != nil {
		return fmt.Errorf("%q is not a time of day (02:00) and not off", s)
	}
	c.Backup.At = time.Duration(t.Hour())*time.Hour + time.Duration(t.Minute())*time.Minute
	return nil
}

func showBackupTime(c Config) string {
	if c.Backup.Off {
		return "off"
	}
	return fmt.Sprintf("%02d:%02d", int(c.Backup.At.Hours()), int(c.Backup.At.Minutes())%60)
}

func setBackupKeep(c *Config, s string) error {
	n, err := strconv.Atoi(s)
	if err != nil || n < 1 || n > 10_000 {
		return fmt.Errorf("%q is not a number of backups from 1 to 10000", s)
	}
	c.Backup.Keep = n
	return nil
}

func setBackupDir(c *Config, s string) error {
	if !filepath.IsAbs(s) {
		return fmt.Errorf("%q is not an absolute path", s)
	}
	c.Backup.Dir = filepath.Clean(s)
	return nil
}

// setBackupCommand takes the words as they are: nothing expands them.
func setBackupCommand(c *Config, words []string) error {
	if len(words) == 0 || !filepath.IsAbs(words[0]) {
		return errors.New(`takes an array: the program's absolute path, then its arguments, as ["/usr/bin/ssh", "host", "cat > file"]`)
	}
	c.Backup.Command = words
	return nil
}
