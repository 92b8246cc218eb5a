package node

import (
	"encoding/hex"
	"fmt"
	"strings"
	"testing"
)

// The ids of a server travel in greetings; the oldest are left out, its own never.
func TestAServerStatesSoManyNodeIDs(t *testing.T) {
	n := newTestNode(t)
	var known []string
	for i := range maxNodeIDs {
		known = append(known, fmt.Sprintf("%016x", i+1))
	}
	n.store.SetRegister(nodeIDsKey, []byte(strings.Join(known, " ")))
	ids := n.nodeIDs()
	own := n.store.NodeID()
	if len(ids) != maxNodeIDs || ids[0] != known[1] || ids[len(ids)-1] != hex.EncodeToString(own[:]) {
		t.Errorf("%d ids, from %s to %s", len(ids), ids[0], ids[len(ids)-1])
	}
}

// A backup command that talks for ever is heard at its end.
func TestTheComplaintOfABackupCommandIsCut(t *testing.T) {
	n := newTestNode(t)
	err := n.backups.shell(t, fmt.Sprintf("cat > /dev/null; head -c %d /dev/zero | tr '\\0' x >&2; echo -n the end >&2; exit 3", 100*maxComplaint))
	_, said, _ := strings.Cut(fmt.Sprint(err), "it says: ")
	if len(said) != maxComplaint || !strings.HasSuffix(said, "xthe end") {
		t.Errorf("%d octets, at the end %q", len(said), said[max(0, len(said)-50):])
	}
	var kept tail
	for range maxComplaint + 1 {
		fmt.Fprint(&kept, "y")
	}
	if kept.text.Len() != maxComplaint {
		t.Errorf("%d octets are kept", kept.text.Len())
	}
}
