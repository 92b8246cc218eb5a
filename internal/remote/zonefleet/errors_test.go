package zonefleet

import (
	"context"
	"errors"
	"fmt"
	"io"
	"testing"

	"github.com/zonefleet/zonefleet/internal/wire"
)

func TestOnlyFailuresOfTheServerCountForItsThreshold(t *testing.T) {
	refused := func(c wire.Code) error { return refusal(&wire.Problem{Code: c, Message: "no"}) }
	ended := func(r wire.Reason) error { return linkRefusal(&wire.ByeError{Reason: r}) }
	for _, c := range []struct {
		err  error
		want bool
	}{
		{nil, false},
		{fmt.Errorf("%w: refused", ErrConnect), true},
		{fmt.Errorf("%w: %w", ErrConnect, context.DeadlineExceeded), true},
		{fmt.Errorf("%w: %w", ErrConnect, context.Canceled), false},
		{ErrResolve, true},
		{ErrNotZoneFleet, true},
		{ErrNotProved, true},
		{ErrNotKnown, false},
		{&KeyChangedError{}, true},
		{&wire.VersionError{}, true},
		{wire.ErrDead, true},
		{wire.ErrClosed, false},
		{wire.ErrProtocol, true},
		{io.ErrUnexpectedEOF, true},
		{refused(wire.CodeToken), true},
		{refused(wire.CodeInternal), true},
		{refused(wire.CodeVersion), true},
		{refused(wire.CodeForbidden), false},
		{refused(wire.CodeOff), false},
		{refused(wire.CodeDisabled), false},
		{refused(wire.CodeNotFound), false},
		{refused(wire.CodeRefused), false},
		{refused(wire.CodeBusy), false},
		{ended(wire.ReasonOff), false},
		{ended(wire.ReasonDisabled), false},
		{ended(wire.ReasonShutdown), false},
		{ended(wire.ReasonReplaced), false},
		{ended(wire.ReasonRefused), false},
		{ended(wire.ReasonFailed), true},
		{ended(wire.ReasonRemoved), true},
		{ended(wire.ReasonVersion), true},
	} {
		if got := IsFailure(c.err); got != c.want {
			t.Errorf("%v: %v", c.err, got)
		}
	}
}

func TestAddressesAreHostsWithOrWithoutPort(t *testing.T) {
	for in, want := range map[string][2]string{
		"ns1.example.net":      {"ns1.example.net", "2087"},
		"ns1.example.net:8443": {"ns1.example.net", "8443"},
		"192.0.2.1":            {"192.0.2.1", "2087"},
		"192.0.2.1:1":          {"192.0.2.1", "1"},
		"2001:db8::1":          {"2001:db8::1", "2087"},
		"[2001:db8::1]:8443":   {"2001:db8::1", "8443"},
	} {
		host, port, err := splitAddress(in)
		if err != nil || host != want[0] || port != want[1] {
			t.Errorf("%s: %s, %s, %v", in, host, port, err)
		}
	}
	for _, in := range []string{"", ":2087", "a:b:c", "host:0", "host:65536", "host:http", "[::1"} {
		if _, _, err := splitAddress(in); !errors.Is(err, ErrAddress) {
			t.Errorf("%q: %v", in, err)
		}
	}
}
