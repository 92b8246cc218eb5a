package node

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/zonefleet/zonefleet/internal/wire"
)

// What a server invents, names of links or instances, takes the place of what it invented before, never that of others.
func TestWhatIsRememberedOfFeedsIsBounded(t *testing.T) {
	n := newTestNode(t)
	come := func(key, link, instance string, at uint64) {
		t.Helper()
		if err := n.links.remembers(key, link, instance); err != nil {
			t.Fatal(err)
		}
		n.setHeard(key, instance, at)
		n.setSettled(link, instance, at)
	}
	const honest, hostile = "SHA256:honesthonesthonesthonest", "SHA256:hostilehostilehostilehostile"
	come(honest, inboundPrefix(honest)+"one", "its", 7)
	link := func(i int) string { return fmt.Sprint(inboundPrefix(hostile), i) }
	for i := range 10 * maxFeedsKept {
		come(hostile, link(i), fmt.Sprint("instance", i), 9)
		come(hostile, link(i), "its", 1<<60)
		come(hostile, "to/member", fmt.Sprint("other", i), 9) // over the one link that this node works
	}
	kept := 0
	for i := range 10 * maxFeedsKept {
		for _, register := range []string{settledKey(link(i)), heardKey(hostile, fmt.Sprint("instance", i)), heardKey(hostile, fmt.Sprint("other", i))} {
			if _, ok := n.store.Register(register); ok {
				kept++
			}
		}
	}
	if kept == 0 || kept > 3*maxFeedsKept {
		t.Errorf("%d registers are kept of %d links", kept, 10*maxFeedsKept)
	}
	if at := n.heardOf(hostile, "instance0"); at != 0 {
		t.Errorf("of a feed that is forgotten it has heard up to %d", at)
	}
	last := 10*maxFeedsKept - 1
	if at := n.heardOf(hostile, fmt.Sprint("instance", last)); at != 9 {
		t.Errorf("of the last feed it has heard up to %d", at)
	}
	if at := n.settledOf(inboundPrefix(honest)+"one", honest, "its"); at == nil || *at != 7 || n.heardOf(honest, "its") != 7 {
		t.Errorf("of the honest server's feed it has heard up to %d, settled %v", n.heardOf(honest, "its"), at)
	}
	var refused *wire.Problem
	if err := n.links.remembers(hostile, link(0)+strings.Repeat("x", maxFeedName), "its"); !errors.As(err, &refused) || refused.Code != wire.CodeBadInput {
		t.Errorf("a long name is answered %v", err)
	}
}

// A release before kept it for any server that said to be that instance.
func TestWhatAnEarlierReleaseHasHeardIsRead(t *testing.T) {
	n := newTestNode(t)
	n.store.SetRegister(heardBefore("its"), []byte(`{"Format":1,"Position":5}`))
	if at := n.heardOf("SHA256:key", "its"); at != 5 {
		t.Errorf("it has heard up to %d", at)
	}
	n.setHeard("SHA256:key", "its", 8)
	if at := n.heardOf("SHA256:key", "its"); at != 8 {
		t.Errorf("it has heard up to %d", at)
	}
}
