package serve

import (
	"encoding/hex"
	"testing"

	"github.com/miekg/dns"
)

func withEDNS(m *dns.Msg, size uint16, options ...dns.EDNS0) *dns.Msg {
	m.SetEdns0(size, false)
	m.IsEdns0().Option = options
	return m
}

func TestEDNS(t *testing.T) {
	a := newAsker(t, zones("\nzone example.\n").table(t), settings{nsid: []byte("ns1.test")})
	ask := func(change func(*dns.Msg)) *dns.Msg {
		m := withEDNS(question("example.", dns.TypeSOA), 4096)
		change(m)
		return a.exchange(m, 0)
	}
	t.Run("is answered only where it was asked", func(t *testing.T) {
		if m := a.exchange(question("example.", dns.TypeSOA), 0); m.IsEdns0() != nil {
			t.Errorf("got\n%s", m)
		}
		m := ask(func(*dns.Msg) {})
		if o := m.IsEdns0(); o == nil || o.UDPSize() != maxUDP || o.Version() != 0 || o.Do() || len(o.Option) != 0 {
			t.Errorf("got\n%s", m)
		}
	})
	t.Run("DO is copied", func(t *testing.T) {
		if m := ask(func(m *dns.Msg) { m.IsEdns0().SetDo() }); !m.IsEdns0().Do() {
			t.Errorf("got\n%s", m)
		}
	})
	t.Run("version 1 is BADVERS, with our version", func(t *testing.T) {
		m := ask(func(m *dns.Msg) { m.IsEdns0().SetVersion(1) })
		if m.Rcode != dns.RcodeBadVers || m.IsEdns0().Version() != 0 || len(m.Answer) != 0 {
			t.Errorf("got\n%s", m)
		}
	})
	t.Run("a second OPT is FORMERR", func(t *testing.T) {
		m := ask(func(m *dns.Msg) { m.Extra = append(m.Extra, m.Extra[0]) })
		if m.Rcode != dns.RcodeFormatError || len(m.Answer) != 0 {
			t.Errorf("got\n%s", m)
		}
	})
	t.Run("OPT outside the additional section is FORMERR", func(t *testing.T) {
		m := ask(func(m *dns.Msg) { m.Ns, m.Extra = m.Extra, nil })
		if m.Rcode != dns.RcodeFormatError {
			t.Errorf("got\n%s", m)
		}
	})
	t.Run("unknown options are ignored", func(t *testing.T) {
		m := ask(func(m *dns.Msg) {
			m.IsEdns0().Option = []dns.EDNS0{&dns.EDNS0_LOCAL{Code: 65001, Data: []byte("x")}, &dns.EDNS0_COOKIE{Cookie: "0123456789abcdef"}}
		})
		if m.Rcode != dns.RcodeSuccess || len(m.IsEdns0().Option) != 0 {
			t.Errorf("got\n%s", m)
		}
	})
	t.Run("NSID and ZONEVERSION", func(t *testing.T) {
		m := ask(func(m *dns.Msg) {
			m.IsEdns0().Option = []dns.EDNS0{&dns.EDNS0_NSID{}, &dns.EDNS0_LOCAL{Code: optionZoneVersion}}
		})
		got := map[uint16]string{}
		for _, o := range m.IsEdns0().Option {
			switch o := o.(type) {
			case *dns.EDNS0_NSID:
				got[o.Option()] = o.Nsid
			case *dns.EDNS0_ZONEVERSION:
				got[o.Option()] = hex.EncodeToString(append([]byte{o.LabelCount, o.Type}, o.Version...))
			}
		}
		if got[optionNSID] != hex.EncodeToString([]byte("ns1.test")) || got[optionZoneVersion] != "010000000001" {
			t.Errorf("got options %v", got)
		}
	})
	t.Run("ZONEVERSION is not told of a zone that is not here", func(t *testing.T) {
		m := withEDNS(question("example.org.", dns.TypeSOA), 4096, &dns.EDNS0_LOCAL{Code: optionZoneVersion})
		if m = a.exchange(m, 0); m.Rcode != dns.RcodeRefused || len(m.IsEdns0().Option) != 0 {
			t.Errorf("got\n%s", m)
		}
	})
}
