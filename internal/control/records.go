package control

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/zonefleet/zonefleet/internal/store"
)

// Kinds of configuration rows.
const (
	kindMember      = "member"       // user NUL host → Member
	kindCredentials = "member-token" // user NUL host → sealed token
	kindHealth      = "health"       // target → cluster.Health as of its last change of state
	kindToken       = "token"        // id → auth.Token
	kindSetting     = "setting"      // name → value, nothing secret: it lies in backups in the clear
)

// rowFormat is the first octet of every row written here; JSON follows.
const rowFormat = 1

func encodeRow(v any) ([]byte, error) {
	b, err := json.Marshal(v)
	if err != nil {
		return nil, fmt.Errorf("encode row: %w", err)
	}
	return append([]byte{rowFormat}, b...), nil
}

func decodeRow(b []byte, v any) error {
	if len(b) == 0 || b[0] != rowFormat {
		return errors.New("row has a format of another version")
	}
	if err := json.Unmarshal(b[1:], v); err != nil {
		return fmt.Errorf("decode row: %w", err)
	}
	return nil
}

// records is what both the store and a transaction of it can read.
type records interface {
	Record(kind, id string) ([]byte, error)
}

// load reads one row; found is false if there is none.
func load[T any](r records, kind, id string) (v T, found bool, err error) {
	b, err := r.Record(kind, id)
	if errors.Is(err, store.ErrNotFound) {
		return v, false, nil
	}
	if err == nil {
		err = decodeRow(b, &v)
	}
	if err != nil {
		return v, false, fmt.Errorf("read %s %q: %w", kind, id, err)
	}
	return v, true, nil
}

// loadAll reads all rows of a kind by id.
func loadAll[T any](s *store.Store, kind string) (map[string]T, error) {
	rows, err := s.Records(kind)
	if err != nil {
		return nil, fmt.Errorf("read %s rows: %w", kind, err)
	}
	all := make(map[string]T, len(rows))
	for id, b := range rows {
		var v T
		if err := decodeRow(b, &v); err != nil {
			return nil, fmt.Errorf("read %s %q: %w", kind, id, err)
		}
		all[id] = v
	}
	return all, nil
}

// save writes one row.
func save(tx *store.Tx, kind, id string, v any) error {
	b, err := encodeRow(v)
	if err != nil {
		return fmt.Errorf("save %s %q: %w", kind, id, err)
	}
	tx.PutRecord(kind, id, b)
	return nil
}

// commitRecords runs f in a commit that touches no zone.
func (c *Control) commitRecords(ctx context.Context, subject string, f func(tx *store.Tx) error) error {
	_, err := c.Store.Commit(ctx, "", f)
	return c.storeError(ctx, subject, err)
}

// storeError gives the expected failures of the store their codes.
func (c *Control) storeError(ctx context.Context, subject string, err error) error {
	var known *Error
	switch {
	case err == nil:
		return nil
	case errors.As(err, &known):
		return err
	case errors.Is(err, store.ErrDiskFull):
		return fail(CodeStorageFull, subject, "the disk is full, nothing was written").
			hint("free space in the data folder and try again").because(err)
	case errors.Is(err, store.ErrReadOnly):
		return fail(CodeStorageFull, subject, "the data folder cannot be written, nothing was written").
			hint("remount it writable or correct its permissions").because(err)
	case errors.Is(err, store.ErrClosed), errors.Is(err, store.ErrFailed):
		return fail(CodeUnavailable, subject, "the node is stopping").because(err)
	}
	return unavailable(ctx, subject, err)
}
