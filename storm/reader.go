package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/miekg/dns"

	"github.com/zonefleet/zonefleet/internal/api"
)

// reader fetches whole zones at one server, by transfer and by REST, and checks that each is of one piece and that its
// serial never goes back.
type reader struct {
	storm   *storm
	at      *server
	rand    *rand.Rand
	serials map[string]uint32 // by door and zone: the nameserver follows what REST shows a moment later
	since   int
}

func newReader(s *storm, at *server, r *rand.Rand) *reader {
	return &reader{storm: s, at: at, rand: r, serials: map[string]uint32{}}
}

func (r *reader) run(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-time.After(time.Duration(20+r.rand.IntN(60)) * time.Millisecond):
		}
		z := r.storm.zones.pick(r.rand, r.at.has)
		before := r.at.generation()
		read, door := r.transfer, "AXFR"
		if r.rand.IntN(2) == 0 {
			read, door = r.rest, "REST"
		}
		records, serial, err := read(ctx, z)
		if err != nil {
			continue // down, cut off, no such zone now: nothing was read
		}
		if r.at.generation() == before {
			r.check(door, z, before, records, serial)
		}
	}
}

// check looks at one whole zone.
func (r *reader) check(door, z string, since int, texts map[string][]string, serial uint32) {
	r.storm.findings.read()
	for n := range pairs {
		x, y := pairNames(n)
		if a, b := texts[x+"."+z+"."], texts[y+"."+z+"."]; !slices.Equal(a, b) {
			r.storm.findings.say("half a change at %s by %s: zone %s serial %d has %s %v and %s %v", r.at.name, door, z, serial, x, a, y, b)
		}
	}
	if since != r.since {
		r.serials, r.since = map[string]uint32{}, since
	}
	if last, ok := r.serials[door+z]; ok && int32(serial-last) < 0 { // RFC 1982
		r.storm.findings.say("a serial went back at %s by %s: zone %s from %d to %d", r.at.name, door, z, last, serial)
	}
	r.serials[door+z] = serial
}

// transfer is AXFR (RFC 5936).
func (r *reader) transfer(ctx context.Context, z string) (map[string][]string, uint32, error) {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", r.at.dns)
	if err != nil {
		return nil, 0, err
	}
	t := &dns.Transfer{Conn: &dns.Conn{Conn: conn}, ReadTimeout: 5 * time.Second, WriteTimeout: 5 * time.Second}
	defer conn.Close()
	envelopes, err := t.In(new(dns.Msg).SetAxfr(dns.Fqdn(z)), r.at.dns)
	if err != nil {
		return nil, 0, err
	}
	texts := map[string][]string{}
	var serial uint32
	var failed error
	for e := range envelopes {
		if e.Error != nil {
			failed = e.Error
			continue
		}
		for _, rr := range e.RR {
			switch rr := rr.(type) {
			case *dns.SOA:
				serial = rr.Serial
			case *dns.TXT:
				texts[strings.ToLower(rr.Hdr.Name)] = append(texts[strings.ToLower(rr.Hdr.Name)], fmt.Sprintf("%q", rr.Txt))
			}
		}
	}
	return sorted(texts), serial, failed
}

func (r *reader) rest(ctx context.Context, z string) (map[string][]string, uint32, error) {
	var detail api.ZoneDetail
	if err := r.at.call(ctx, http.MethodGet, zonePath(z), nil, &detail); err != nil {
		return nil, 0, err
	}
	texts := map[string][]string{}
	for _, rr := range detail.Records {
		if rr.Type == "TXT" {
			texts[rr.Name] = append(texts[rr.Name], rr.Data)
		}
	}
	return sorted(texts), detail.Serial, nil
}

func sorted(texts map[string][]string) map[string][]string {
	for _, t := range texts {
		slices.Sort(t)
	}
	return texts
}

// findings are what must not be. Anybody may say one.
type findings struct {
	mu    sync.Mutex
	list  []string
	reads int
	log   *faultLog
}

// maxFindings bounds what is kept: with so many, the first ones tell enough.
const maxFindings = 1000

func (f *findings) say(format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	f.log.say("FINDING " + text)
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.list) < maxFindings {
		f.list = append(f.list, text)
	}
}

func (f *findings) read() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.reads++
}

func (f *findings) all() ([]string, int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.list), f.reads
}
