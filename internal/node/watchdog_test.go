package node

import (
	"context"
	"net"
	"net/netip"
	"strings"
	"testing"
	"time"
)

// deaf is an address at which somebody listens and never answers.
func deaf(t *testing.T) netip.AddrPort {
	t.Helper()
	c, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return netip.MustParseAddrPort(c.LocalAddr().String())
}

func TestTheWatchdogIsAnsweredOnlyByAServerThatWorks(t *testing.T) {
	n := built(t, t.TempDir())
	f := n.front
	f.life.Store(n)
	short := 200 * time.Millisecond
	if err := f.health(t.Context(), short, false); err == nil || !strings.Contains(err.Error(), "commits nothing") {
		t.Errorf("without a committer: %v", err)
	}
	running(t, n)
	if err := f.health(t.Context(), 10*time.Second, false); err != nil {
		t.Errorf("a server that works: %v", err)
	}
}

func TestANameserverThatIsSilentIsNoticed(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	if err := askSelf(ctx, deaf(t)); err == nil {
		t.Error("nobody answered, and that was an answer")
	}
}
