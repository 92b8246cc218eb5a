package store

import (
	"bytes"
	"encoding/binary"
	"fmt"

	"github.com/zonefleet/zonefleet/internal/zone"
)

// rowFormat is the first octet of every key and of every value.
const rowFormat = 1

// The second octet of a key names its table.
const (
	tableCounter  = 'c' // → last position, last event
	tableHead     = 'h' // zone → Head
	tableListing  = 'l' // text of the zone's name → what a list filters on
	tableOwned    = 'o' // owner, text of the zone's name → the same
	tableHomed    = 'm' // name of the home, text of the zone's name → home, the same
	tableCell     = 'z' // zone, key → versions
	tableFeed     = 'f' // position → zone, time; one row per zone
	tableHistory  = 'y' // zone, position → Entry
	tablePosition = 'p' // position → zone of the entry
	tableEvent    = 'v' // number → Event
	tableRecord   = 'r' // kind, id → value
	tableRegister = 'g' // key → value
)

// formatKey holds the version of the whole layout and is read before anything else, so it keeps its place in all
// versions.
const formatKey = "FORMAT"

// A wire-form name says where it ends, so no name is a prefix of another and needs no separator.
func tableKey(table byte, parts ...string) []byte {
	k := []byte{rowFormat, table}
	for _, p := range parts {
		k = append(k, p...)
	}
	return k
}

func headKey(z zone.Name) []byte { return tableKey(tableHead, string(z)) }

func listingKey(text string) []byte { return tableKey(tableListing, text) }

func feedKey(p Position) []byte { return numberKey(tableFeed, uint64(p)) }

func positionKey(p Position) []byte { return numberKey(tablePosition, uint64(p)) }

func historyKey(z zone.Name, p Position) []byte {
	return binary.BigEndian.AppendUint64(tableKey(tableHistory, string(z)), uint64(p))
}

func numberKey(table byte, n uint64) []byte {
	return binary.BigEndian.AppendUint64([]byte{rowFormat, table}, n)
}

// keyNumber reads the number that ends a key.
func keyNumber(k []byte) uint64 { return binary.BigEndian.Uint64(k[len(k)-8:]) }

func recordKey(kind, id string) []byte { return tableKey(tableRecord, kind, "\x00", id) }

// A cell's key ends with the codec's form of the zone.Key, which orders the metadata of all lives first and then the
// RRsets by owner: all metadata of a zone is one range, and so is each owner.
func cellKey(z zone.Name, k zone.Key) []byte {
	return zone.AppendKey(tableKey(tableCell, string(z)), k)
}

func metaPrefix(z zone.Name) []byte { return tableKey(tableCell, string(z), "\x00") }

func ownerPrefix(z, owner zone.Name) []byte {
	return tableKey(tableCell, string(z), "\x01", string(owner))
}

// parseCell is the reverse of cellKey for a row of zone z.
func parseCell(z zone.Name, row []byte) (zone.Key, error) {
	k, rest, err := zone.DecodeKey(row[2+len(z):])
	if err != nil || len(rest) > 0 {
		return zone.Key{}, fmt.Errorf("%w: cell %x", ErrCorrupt, row)
	}
	return k, nil
}

// after is the smallest key above all keys that begin with prefix; a prefix of ours never is all 0xff.
func after(prefix []byte) []byte {
	end := bytes.Clone(prefix)
	for i := len(end) - 1; ; i-- {
		if end[i]++; end[i] != 0 {
			return end[:i+1]
		}
	}
}
