package install

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
)

// account is the system user, and its group of the same name.
const account = "zonefleet"

// ids looks the account up in the host's own files, which is where a system user is.
func (h *Host) ids() (uid, gid int, ok bool) {
	f, err := os.Open(h.path("/etc/passwd"))
	if err != nil {
		return 0, 0, false
	}
	defer f.Close()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		fields := strings.Split(lines.Text(), ":")
		if len(fields) < 4 || fields[0] != account {
			continue
		}
		uid, err1 := strconv.Atoi(fields[2])
		gid, err2 := strconv.Atoi(fields[3])
		return uid, gid, err1 == nil && err2 == nil
	}
	return 0, 0, false
}

// makeAccount makes the account if there is none.
func (h *Host) makeAccount() error {
	if _, _, ok := h.ids(); ok {
		return nil
	}
	args := []string{"--system", "--user-group", "--home-dir", dataFolder, "--no-create-home", "--shell", "/usr/sbin/nologin", "--comment", "ZoneFleet DNS cluster"}
	if h.staged() {
		args = append(args, "--prefix", h.path("/"))
	}
	if out, err := exec.Command("useradd", append(args, account)...).CombinedOutput(); err != nil {
		return fmt.Errorf("make the user %s: %w: %s", account, err, strings.TrimSpace(string(out)))
	}
	if _, _, ok := h.ids(); !ok {
		return fmt.Errorf("make the user %s: useradd made it elsewhere than in /etc/passwd", account)
	}
	h.say("user %s", account)
	return nil
}

// removeAccount removes the account and its group.
func (h *Host) removeAccount() error {
	if _, _, ok := h.ids(); !ok {
		return nil
	}
	args := []string{account}
	if h.staged() {
		args = append([]string{"--prefix", h.path("/")}, args...)
	}
	if out, err := exec.Command("userdel", args...).CombinedOutput(); err != nil {
		return fmt.Errorf("remove the user %s: %w: %s", account, err, strings.TrimSpace(string(out)))
	}
	return nil
}

// makeFolders makes the data folder, for the account alone.
func (h *Host) makeFolders() error {
	at := h.path(dataFolder)
	if exists(at) {
		return nil // whatever is in it is its owner's
	}
	uid, gid, _ := h.ids()
	if err := errors.Join(os.MkdirAll(at, 0o700), os.Chmod(at, 0o700), os.Chown(at, uid, gid)); err != nil {
		return fmt.Errorf("make the data folder: %w", err)
	}
	h.say("%s", dataFolder)
	return nil
}
