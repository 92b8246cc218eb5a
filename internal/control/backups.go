package control

import (
	"context"
	"fmt"
	"time"

	"github.com/zonefleet/zonefleet/internal/acl"
	"github.com/zonefleet/zonefleet/internal/store"
	"github.com/zonefleet/zonefleet/internal/zone"
)

// Backups is how the nightly backup stands.
type Backups struct {
	BackupPlan
	Since zone.Millis // when backups began to be expected here
	Good  zone.Millis // when the last good one was made; 0: none yet
	Tried zone.Millis // when the last one was tried
	Where string      // the last good one: a file, or the command
	Bytes int64
	Zones int
	Error string // why the last one failed; empty if it did not
	Late  bool   // somebody must act: the last good one is older than BackupAge
	// Alarmed is when the alarm was last written as an event.
	Alarmed zone.Millis
}

// BackupPlan is what the configuration says of them.
type BackupPlan struct {
	On   bool
	Next zone.Millis // when the next one is due
	To   string      // the folder, or the program
	Keep int
}

// BackupDone is what became of one nightly backup.
type BackupDone struct {
	At    zone.Millis // when it began
	Where string
	Bytes int64
	Zones int
	Err   error
}

// BackupAge is how old the last good backup may be: two nights and a day to look at it.
const BackupAge = 48 * time.Hour

const (
	kindBackup   = "backup" // backupRow → Backups
	backupRow    = "nightly"
	alarmsEvery  = zone.Millis(24 * 60 * 60 * 1000)
	maxBackupErr = 1000
)

// OpenInBackup lists the kinds of configuration rows that may lie in a backup in the clear, so that they come back without the
// recovery key: what is not in this list is sealed. A token's hash is as good as the token between servers.
func OpenInBackup() []string { return []string{kindConflicted, kindSetting, kindBackup, kindSigned} }

// ShowBackups returns how the nightly backup stands.
func (c *Control) ShowBackups(ctx context.Context, p acl.Principal) (Backups, error) {
	if err := allowed(p, acl.ReadNode); err != nil {
		return Backups{}, err
	}
	return c.backups()
}

func (c *Control) backups() (Backups, error) {
	b, _, err := load[Backups](c.Store, kindBackup, backupRow)
	if err != nil || c.BackupPlan == nil {
		return b, err
	}
	b.disbelieve(c.Now())
	b.BackupPlan = c.BackupPlan(b)
	begun := max(b.Since, b.Good)
	b.Late = b.On && begun != 0 && c.Now()-begun > zone.Millis(BackupAge.Milliseconds())
	return b, nil
}

// clockSlack is how far ahead of the clock a noted time may be: a clock that is corrected by less catches up with it soon.
const clockSlack = zone.Millis(60 * 60 * 1000)

// disbelieve forgets times that a clock noted which was ahead: until then nothing would be due, and nothing late.
func (b *Backups) disbelieve(now zone.Millis) {
	for _, at := range []*zone.Millis{&b.Since, &b.Good, &b.Tried, &b.Alarmed} {
		if *at > now+clockSlack {
			*at = 0
		}
	}
}

// ExpectBackups notes that backups are expected here from now on, if that is new, and writes the alarm of one that is late
// as an event, once a day.
func (c *Control) ExpectBackups(ctx context.Context) (Backups, error) {
	b, err := c.backups()
	if err != nil || !b.On || b.Since != 0 && !(b.Late && c.Now()-b.Alarmed > alarmsEvery) {
		return b, err
	}
	err = c.commitRecords(ctx, "backup", func(tx *store.Tx) error {
		if b.Since == 0 {
			b.Since = c.Now()
			return save(tx, kindBackup, backupRow, b)
		}
		b.Alarmed = c.Now()
		e := c.event(acl.Node(), "backup-late", b.alarm(c.Now()))
		e.Severity, e.Fields = severityAlarm, map[string]string{"notify": "yes"}
		tx.AppendEvent(e)
		return save(tx, kindBackup, backupRow, b)
	})
	return b, err
}

// alarm says what is wrong with a late backup.
func (b Backups) alarm(now zone.Millis) string {
	text := "no backup was ever made"
	if b.Good != 0 {
		text = fmt.Sprintf("the last good backup is %d days old", (now-b.Good)/alarmsEvery)
	}
	if b.Error != "" {
		text += ": " + b.Error
	}
	return text
}

// NoteBackup keeps what became of a nightly backup. The first failure after a success, and another cause of it, is an event.
func (c *Control) NoteBackup(ctx context.Context, d BackupDone) error {
	return c.commitRecords(ctx, "backup", func(tx *store.Tx) error {
		b, _, err := load[Backups](tx, kindBackup, backupRow)
		if err != nil {
			return err
		}
		b.BackupPlan, b.Late = BackupPlan{}, false // said anew each time
		b.Tried = d.At
		if b.Since == 0 {
			b.Since = d.At
		}
		if d.Err == nil {
			if b.Error != "" {
				tx.AppendEvent(c.event(acl.Node(), "backup-made", "backups are made again: "+d.Where))
			}
			b.Good, b.Where, b.Bytes, b.Zones, b.Error, b.Alarmed = d.At, d.Where, d.Bytes, d.Zones, "", 0
			return save(tx, kindBackup, backupRow, b)
		}
		text := d.Err.Error()
		if text = text[:min(len(text), maxBackupErr)]; text != b.Error {
			e := c.event(acl.Node(), "backup-failed", "backup failed: "+text)
			e.Severity = severityWarning
			tx.AppendEvent(e)
		}
		b.Error = text
		return save(tx, kindBackup, backupRow, b)
	})
}
