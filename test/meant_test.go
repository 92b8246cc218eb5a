package test

import (
	"fmt"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/zonefleet/zonefleet/internal/store"
)

// Deletions that a person confirmed are not held where only a comparison brings them: here at a server that was put back to
// an older copy, and says that it has everything.
func TestConfirmedDeletionsThatAComparisonBringsAreNotHeld(t *testing.T) {
	web, ns := startServer(t, "web.zonefleet.test"), startServer(t, "ns.zonefleet.test")
	var names []string
	for i := range 30 {
		names = append(names, fmt.Sprintf("z%02d.example", i))
	}
	web.has(names...)
	link(t, ns, web, "--role", "synchronize", "--sync-now")
	ns.hasZones(30)
	backup := filepath.Join(t.TempDir(), "backup")
	ns.stopWhenDelivered()
	copyData(t, ns.dir, backup)
	ns.start()
	web.run(append([]string{"zone", "delete", "--confirm", strconv.Itoa(28)}, names[:28]...)...)
	ns.hasZones(2)
	heard, settled := stopWhenSettled(t, web, ns)
	ns.putBack(backup, heard, settled)
	web.start()
	ns.start()
	ns.hasZones(2)
	if n := ns.held(); n > 0 {
		t.Errorf("it holds %d", n)
	}
	ns.tells("drift-healed", web.name, "28 zones")
}

// position is that of a register which says up to where something is done, 0 if there is none.
func position(t *testing.T, dir, register string) store.Position {
	t.Helper()
	var at struct{ Position, Low store.Position }
	if text, ok := registers(t, dir, register)[register]; ok {
		decode(t, text, &at)
	}
	return max(at.Position, at.Low)
}

func (s *server) synced() (p store.Position) {
	s.t.Helper()
	withStore(s.t, s.dir, func(data *store.Store) { p = data.Synced() })
	return p
}

// stopWhenDelivered stops a server that has kept that its one member has everything. Otherwise it offers its zones again
// afterwards, and is told what is newer: what is kept follows the acknowledgement by a moment.
func (s *server) stopWhenDelivered() {
	s.t.Helper()
	for range 20 {
		s.stop()
		if position(s.t, s.dir, "cursor/"+s.targets()[0]) >= s.synced() {
			return
		}
		s.start()
		time.Sleep(200 * time.Millisecond)
	}
	s.t.Fatalf("%s has never delivered everything", s.name)
}

// stopWhenSettled stops both once the reader, which works a link to the other, has kept that everything of its feed has come.
// Otherwise the feed brings the rest again, and no comparison is needed. It returns the names of the registers.
func stopWhenSettled(t *testing.T, of, reader *server) (heard, settled string) {
	t.Helper()
	key := strings.TrimPrefix(of.fingerprint(), "SHA256:")[:22]
	for range 20 {
		reader.stop()
		of.stop()
		withStore(t, of.dir, func(s *store.Store) { heard = "heard/" + key + "/" + s.Instance() })
		settled = "settled/to/" + reader.targets()[0]
		if position(t, reader.dir, settled) >= of.synced() {
			return heard, settled
		}
		of.start()
		reader.start()
		time.Sleep(200 * time.Millisecond)
	}
	t.Fatalf("%s never has everything of %s", reader.name, of.name)
	return "", ""
}
