// Package backup is the backup file: how a server's rows and key files become one stream of octets, and how they are read,
// checked and put back.
//
// It knows how rows lie in a file, not what they mean: which of them are secret is said by the caller, what is a zone by
// store. It does not know when backups are made or where they are kept; a server that runs is not needed to read one.
//
//	format.go  blocks: bounds, checksums, the header and the end    key.go  the recovery key, and what it seals
//	write.go   a stream of rows and files to a file                 read.go the other way, entry by entry
//	first.go   files of release 0.1.0, read alike                   check.go everything read, what is damaged named
//	restore.go a data folder made of a file                         zones.go single zones out of a file
//	workplace.go the folder in which that is done, and those that killed restores left
//
// The file (format 2): the octets "ZFBK" and the format; then blocks. A block is its kind, length, the CRC-32C of its
// content and of these nine octets, and the content. First comes the header (JSON, in the clear: server, time, version, how
// it is sealed), then blocks of rows (zstd), then sealed blocks (zstd, then XChaCha20-Poly1305) with the secret rows and
// the key files, then the end (JSON: counts, and the SHA-256 of all before it). Every block holds whole rows, so damage
// costs the rows of one block. Memory is that of the largest row, or of a block of 1 MiB if that is more, three times.
//
// It owns no goroutine.
package backup
