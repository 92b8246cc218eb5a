package node

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/zonefleet/zonefleet/internal/acl"
	"github.com/zonefleet/zonefleet/internal/auth"
	"github.com/zonefleet/zonefleet/internal/backup"
	"github.com/zonefleet/zonefleet/internal/control"
	"github.com/zonefleet/zonefleet/internal/store"
	"github.com/zonefleet/zonefleet/internal/zone"
)

// shell runs a script as the backup command.
func (b *backups) shell(t *testing.T, script string) error {
	t.Helper()
	path := filepath.Join(t.TempDir(), "keep")
	if err := os.WriteFile(path, []byte("#!/bin/sh\n"+script+"\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	_, err := b.toCommand(t.Context(), []string{path})
	return err
}

func TestABackupCommandThatHangsIsEndedWithAllThatItStarted(t *testing.T) {
	n := newTestNode(t)
	big(t, n)
	n.backups.commandTime, n.backups.commandGrace = 500*time.Millisecond, 200*time.Millisecond
	for what, script := range map[string]string{
		"does not read":                    "exec sleep 600",
		"reads and does not end":           "cat > /dev/null; exec sleep 600",
		"heeds no signal, nor its child":   "trap '' TERM; sleep 600",
		"leaves its input to a deaf child": "trap '' TERM; sleep 600 & exec sleep 600",
	} {
		done := make(chan error, 1)
		go func() { done <- n.backups.shell(t, script) }()
		select {
		case err := <-done:
			if err == nil || !strings.Contains(err.Error(), "did not end within 500ms") {
				t.Errorf("one that %s: %v", what, err)
			}
		case <-time.After(30 * time.Second):
			t.Fatalf("one that %s holds the backup for ever", what)
		}
	}
}

// While the command reads nothing the database cannot let go of what the backup is to hold.
func TestABackupCommandThatReadsNothingForLongIsEnded(t *testing.T) {
	n := newTestNode(t)
	big(t, n)
	n.backups.commandStall, n.backups.commandGrace = 500*time.Millisecond, 200*time.Millisecond
	if err := n.backups.shell(t, "head -c 1000 > /dev/null; exec sleep 600"); err == nil || !strings.Contains(err.Error(), "it read nothing for 500ms") {
		t.Errorf("one that stops to read: %v", err)
	}
	if err := n.backups.shell(t, "sleep 0.2; head -c 100000 > /dev/null; sleep 0.2; exec cat > /dev/null"); err != nil {
		t.Errorf("one that is slow: %v", err)
	}
}

func TestABackupCommandThatDoesNotReadAllHasNoBackup(t *testing.T) {
	for what, n := range map[string]*Node{"a small backup": newTestNode(t), "a large one": newTestNode(t)} {
		if what == "a large one" {
			big(t, n)
		}
		for _, script := range []string{"exit 0", "head -c 100 > /dev/null", "exec < /dev/null; sleep 0.2"} {
			if err := n.backups.shell(t, script); err == nil {
				t.Errorf("%s: %q passes for a backup", what, script)
			}
		}
		if err := n.backups.shell(t, "cat > /dev/null"); err != nil {
			t.Errorf("%s: %v", what, err)
		}
	}
}

// A part must not look like the whole: what fails here ends the program before its input ends.
func TestABackupCommandDoesNotSeeTheEndOfABackupThatFails(t *testing.T) {
	n := newTestNode(t)
	big(t, n)
	named := filepath.Join(t.TempDir(), "named")
	path := filepath.Join(t.TempDir(), "keep")
	if err := os.WriteFile(path, []byte("#!/bin/sh\ncat > /dev/null && touch "+named+"\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	for i := range 10 {
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Duration(2*i)*time.Millisecond, cancel)
		_, err := n.backups.toCommand(ctx, []string{path})
		cancel()
		if _, there := os.Stat(named); err != nil && there == nil {
			t.Fatalf("the command took a part for the whole: %v", err)
		}
		_ = os.Remove(named)
	}
}

// big fills the store with what does not compress: more than a pipe holds.
func big(t *testing.T, n *Node) {
	t.Helper()
	for i := range 16 {
		content := make([]byte, 256<<10)
		rand.Read(content)
		_, err := n.store.Commit(t.Context(), "", func(tx *store.Tx) error {
			tx.PutRecord(control.OpenInBackup()[0], fmt.Sprint(i), content)
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

func TestBackupsGoOnAfterTheClockWasAYearAhead(t *testing.T) {
	n := newTestNode(t)
	day, year := 24*time.Hour, 365*24*time.Hour
	if _, err := n.control.ExpectBackups(t.Context()); err != nil {
		t.Fatal(err)
	}
	n.Config.ClockOffset = year
	if err := n.control.NoteBackup(t.Context(), control.BackupDone{At: n.now(), Where: "ahead"}); err != nil {
		t.Fatal(err)
	}
	n.Config.ClockOffset = 0
	b, err := n.control.ExpectBackups(t.Context())
	if err != nil || b.Next > n.now()+zone.Millis(2*day.Milliseconds()) {
		t.Errorf("the next backup is due at %s, %v", time.UnixMilli(int64(b.Next)), err)
	}
	n.Config.ClockOffset = 3 * day
	if b, err := n.control.ExpectBackups(t.Context()); err != nil || !b.Late || b.Next > n.now() {
		t.Errorf("three days later: late %v, due at %s, %v", b.Late, time.UnixMilli(int64(b.Next)), err)
	}
}

func TestPruningKeepsTheBackupThatWasJustMade(t *testing.T) {
	n := newTestNode(t)
	name := func(day string) string { return n.backups.prefix() + day + "-020000" + backupSuffix }
	for what, c := range map[string]struct {
		there, want []string
		made        string
	}{
		"the oldest goes":                        {[]string{"20270101", "20270102", "20270103"}, []string{"20270102", "20270103"}, "20270103"},
		"what a clock made that was ahead goes":  {[]string{"20270101", "20270102", "20280101"}, []string{"20270101", "20270102"}, "20270102"},
		"what is made by a clock behind is kept": {[]string{"19700101", "20270101", "20270102"}, []string{"19700101", "20270102"}, "19700101"},
	} {
		dir := t.TempDir()
		for _, day := range c.there {
			if err := os.WriteFile(filepath.Join(dir, name(day)), nil, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		if err := n.backups.prune(dir, name(c.made), 2); err != nil {
			t.Fatal(err)
		}
		var want []string
		for _, day := range c.want {
			want = append(want, name(day))
		}
		if left, err := n.backups.finished(dir); err != nil || !slices.Equal(left, want) {
			t.Errorf("%s: %v are left, %v", what, left, err)
		}
	}
}

// What lies in a backup in the clear is read row by row: no secret is in it, and with the key all of them are there.
func TestTheOpenRowsOfABackupHoldNoSecret(t *testing.T) {
	n := newTestNode(t)
	root := acl.Node()
	token, err := n.control.CreateToken(t.Context(), root, control.TokenRequest{Name: "relay", Kind: auth.KindMember})
	if err != nil {
		t.Fatal(err)
	}
	invite, err := n.control.CreateInvite(t.Context(), root, control.InviteRequest{Name: "ns3"})
	if err != nil {
		t.Fatal(err)
	}
	n.store.SetRegister("a register", []byte("of this server"))
	n.commit(t, name(t, "shop.test"))
	key, err := os.ReadFile(filepath.Join(n.Config.Data, "node.key"))
	if err != nil {
		t.Fatal(err)
	}
	seal, err := n.store.SealKey()
	if err != nil {
		t.Fatal(err)
	}
	hash, code := auth.HashOf(token.Text), auth.HashOf(invite.Text)
	_, words, _ := strings.Cut(token.Text, "_")
	secrets := map[string][]byte{
		"the token": []byte(words), "the token's hash as it is": hash[:], "the code": []byte(invite.Text), "node.key": key[40:80], "seal.key": seal,
		"the code's own hash as it is": invite.Hash[:], "the code's hash": code[:],
	}
	for name, h := range map[string]auth.Hash{"the token's hash": hash, "the code's own hash": invite.Hash} { // as rows hold it
		text, err := json.Marshal(h)
		if err != nil {
			t.Fatal(err)
		}
		secrets[name] = text
	}
	for name, b := range maps.Clone(secrets) {
		secrets[name+" in base64"] = []byte(base64.StdEncoding.EncodeToString(b))
		secrets[name+" in hex"] = []byte(hex.EncodeToString(b))
	}
	var file bytes.Buffer
	if _, err := n.backups.Write(t.Context(), &file, false); err != nil {
		t.Fatal(err)
	}
	all := readBackup(t, file.Bytes(), nil)
	for name, secret := range secrets {
		if bytes.Contains(all, secret) || bytes.Contains(file.Bytes(), secret) {
			t.Errorf("%s lies there in the clear", name)
		}
	}
	if !bytes.Contains(all, []byte("shop")) {
		t.Error("the zone does not lie there in the clear")
	}
	k := backup.KeyOf(seal)
	sealed := readBackup(t, file.Bytes(), &k)
	if !bytes.Contains(sealed, key) || !bytes.Contains(sealed, seal) {
		t.Error("with the key, the server's keys are not there")
	}
	for _, name := range []string{"the token's hash", "the code's own hash"} {
		if !bytes.Contains(sealed, secrets[name]) {
			t.Errorf("with the key, %s is not there", name)
		}
	}
}

// readBackup puts all rows and files together that can be read with the key.
func readBackup(t *testing.T, file []byte, key *backup.Key) (all []byte) {
	t.Helper()
	r, err := backup.Open(t.Context(), bytes.NewReader(file), key, "")
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	for {
		e, err := r.Next()
		if errors.Is(err, io.EOF) {
			return all
		}
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, slices.Concat(e.Row.Key, []byte(" "), e.Row.Value, []byte(e.File), e.Content)...)
	}
}
