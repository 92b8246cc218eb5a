package web

import (
	"context"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"testing"

	"github.com/zonefleet/zonefleet/internal/acl"
	"github.com/zonefleet/zonefleet/internal/control"
)

func (b *book) TrustedIPs(context.Context, acl.Principal) ([]control.TrustedIP, error) {
	return []control.TrustedIP{{Address: netip.MustParseAddr("192.0.2.1"), Sources: []string{"ns1.example"}}, {Address: netip.MustParseAddr("192.0.2.2"), ByHand: true, Note: "<friend>"}}, b.err
}

func (b *book) AddTrustedIP(context.Context, acl.Principal, netip.Addr, string) error { return b.err }

func (b *book) RemoveTrustedIP(context.Context, acl.Principal, netip.Addr) error { return b.err }

func (b *book) DelegationRule(context.Context, acl.Principal) (control.DelegationRule, error) {
	return control.DelegationRule{}, b.err
}

func (b *book) SetDelegationRule(context.Context, acl.Principal, control.DelegationRule) error {
	return b.err
}

// Only what is kept by hand can be removed, and what is no address is said beside the field.
func TestThePageOfTrustedIPs(t *testing.T) {
	s, _ := server(oneMember())
	c := signedIn(t, s)
	page := text(t, get(s, "/trusted-ips", c))
	if strings.Count(page, "Remove</button>") != 1 || !strings.Contains(page, `aria-label="Remove 192.0.2.2"`) || !strings.Contains(page, "&lt;friend&gt;") {
		t.Errorf("the page:\n%s", page)
	}
	wrong := post(s, "/trusted-ips", url.Values{"address": {"ns1.example"}}, c)
	if body := text(t, wrong); wrong.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(body, "f-address-error") {
		t.Errorf("a name: %s", wrong.Status)
	}
	for path, f := range map[string]url.Values{"/trusted-ips": {"address": {"2001:db8::1"}}, "/trusted-ips/remove": {"address": {"192.0.2.2"}}, "/trusted-ips/rule": {}} {
		if r := post(s, path, f, c); r.StatusCode != http.StatusSeeOther {
			t.Errorf("%s: %s", path, r.Status)
		}
	}
}
