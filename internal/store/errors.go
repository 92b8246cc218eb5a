package store

import "errors"

// Expected outcomes.
var (
	// ErrNotFound: no such zone, entry or record.
	ErrNotFound = errors.New("not found")
	// ErrClosed: the store is closed or its committer has stopped.
	ErrClosed = errors.New("store is closed")
	// ErrDiskFull: too little space is left; nothing was written, the same commit succeeds when there is space again.
	ErrDiskFull = errors.New("disk is full")
	// ErrReadOnly: the data folder cannot be written; nothing was written.
	ErrReadOnly = errors.New("data folder is read-only")
	// ErrLocked: another process has the data folder open.
	ErrLocked = errors.New("data folder is in use by another process")
	// ErrNewer: the data folder was written by a later version.
	ErrNewer = errors.New("data folder was written by a newer version of zonefleet")
	// ErrFailed: the database cannot continue (the disk failed). What was acknowledged is safe; the process has to end.
	ErrFailed = errors.New("database cannot continue")
	// ErrSealKey: the value was sealed with a key that this data folder does not have.
	ErrSealKey = errors.New("sealed with a key that is not in seal.key")
	// ErrSealed: the sealed value was damaged, or belongs to another context.
	ErrSealed = errors.New("sealed value cannot be opened")
	// ErrCorrupt: a stored row cannot be read.
	ErrCorrupt = errors.New("stored row is damaged")
)
