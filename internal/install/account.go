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

// entry is the account's line in one of the host's own files, which is where a system user is; nil if there is none.
func (h *Host) entry(file string) []string {
	f, err := os.Open(h.path(file))
	if err != nil {
		return nil
	}
	defer f.Close()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		if fields := strings.Split(lines.Text(), ":"); fields[0] == account && len(fields) >= 4 {
			return fields
		}
	}
	return nil
}

func (h *Host) ids() (uid, gid int, ok bool) {
	fields := h.entry("/etc/passwd")
	if fields == nil {
		return 0, 0, false
	}
	uid, err1 := strconv.Atoi(fields[2])
	gid, err2 := strconv.Atoi(fields[3])
	return uid, gid, err1 == nil && err2 == nil
}

// makeAccount makes the user and the group, each if there is none.
func (h *Host) makeAccount() error {
	if h.entry("/etc/group") == nil {
		if err := h.change("groupadd", "--system"); err != nil {
			return err
		}
	}
	if _, _, ok := h.ids(); ok {
		return nil
	}
	err := h.change("useradd", "--system", "--gid", account, "--home-dir", dataFolder, "--no-create-home", "--shell", "/usr/sbin/nologin", "--comment", "ZoneFleet DNS cluster")
	if err != nil {
		return err
	}
	if _, _, ok := h.ids(); !ok {
		return fmt.Errorf("make the user %s: useradd made it elsewhere than in /etc/passwd", account)
	}
	h.say("user %s", account)
	return nil
}

// removeAccount removes the user and the group, unless somebody else made them, for a home elsewhere.
func (h *Host) removeAccount() error {
	if user := h.entry("/etc/passwd"); len(user) < 6 || user[5] != dataFolder {
		return nil
	}
	if err := h.change("userdel"); err != nil {
		return err
	}
	if h.entry("/etc/group") == nil { // most often it went with the user
		return nil
	}
	return h.change("groupdel")
}

// change runs one of the programs that change accounts.
func (h *Host) change(program string, args ...string) error {
	if h.staged() {
		args = append(args, "--prefix", h.path("/"))
	}
	if out, err := exec.Command(program, append(args, account)...).CombinedOutput(); err != nil {
		return fmt.Errorf("%s %s: %w: %s", program, account, err, strings.TrimSpace(string(out)))
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
