package test

import (
	"fmt"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

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
	ns.stop()
	copyData(t, ns.dir, backup)
	ns.start()
	web.run(append([]string{"zone", "delete", "--confirm", strconv.Itoa(28)}, names[:28]...)...)
	ns.hasZones(2)
	key := strings.TrimPrefix(web.fingerprint(), "SHA256:")[:22]
	ns.stop()
	web.stop()
	var instance string
	withStore(t, web.dir, func(s *store.Store) { instance = s.Instance() })
	ns.putBack(backup, "heard/"+key+"/"+instance, "settled/to/"+ns.targets()[0])
	web.start()
	ns.start()
	ns.hasZones(2)
	if n := ns.held(); n > 0 {
		t.Errorf("it holds %d", n)
	}
	ns.tells("drift-healed", web.name, "28 zones")
}
