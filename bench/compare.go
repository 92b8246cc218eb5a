package main

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"time"
)

// comparing measures what it costs to compare servers that are full of zones: while they fill, when all is equal, and when
// one zone or a hundred differ.
func comparing(ctx context.Context, o options) ([]figure, []mark, error) {
	servers, figures, err := filling(ctx, o)
	defer stopAll(servers)
	if err != nil {
		return nil, nil, err
	}
	if err := pause(ctx, o.settle); err != nil {
		return nil, nil, err
	}
	c, err := allLinks(ctx, o, servers)
	if err != nil {
		return nil, nil, err
	}
	figures = append(figures, c.figures()...)
	differ, err := differing(ctx, o, servers)
	if err != nil {
		return nil, nil, err
	}
	return append(figures, differ...), []mark{
		{"round trips of a comparison, nothing differs", slices.Max(c.rounds.samples), roundTrips, "round trips"},
		{"round trips of a comparison, a hundred zones differ", differ[len(differ)-len(c.figures())].samples[0], roundTrips, "round trips"},
	}, nil
}

// allLinks compares over each link where all is equal. A server has links to those that were started after it.
func allLinks(ctx context.Context, o options, servers []*server) (*cost, error) {
	c := newCost("all equal")
	for range o.rounds {
		for i, s := range servers[:len(servers)-1] {
			if err := c.compare(ctx, s, servers[i+1:]...); err != nil {
				return nil, err
			}
		}
	}
	if most := slices.Max(c.differ.samples); most > 0 {
		return nil, fmt.Errorf("%g zones differ, where all should be equal", most)
	}
	return c, nil
}

// filling starts the cluster and fills it, looking all the while at what its comparisons say.
func filling(ctx context.Context, o options) ([]*server, []figure, error) {
	servers, err := linked(ctx, o, "compare")
	if err != nil {
		return servers, nil, err
	}
	zones := filepath.Join(o.dir, "zones-compare")
	if err := writeZones(zones, 0, o.zones); err != nil {
		return servers, nil, err
	}
	began, filled := time.Now(), make(chan error, 1)
	go func() {
		err := servers[0].cli(ctx, "zone", "import", zones)
		if err == nil {
			err = servers[0].inStep(ctx)
		}
		filled <- err
	}()
	drifted := figure{what: "zones said to differ while servers fill, by comparison", unit: "zones"}
	for {
		select {
		case err := <-filled:
			took := figure{what: fmt.Sprintf("importing %d zones at one server, until %d serve them, compared all the while", o.zones, o.servers), unit: "s", samples: []float64{time.Since(began).Seconds()}}
			return servers, []figure{took, drifted}, err
		case <-time.After(5 * time.Second):
		}
		for i, s := range servers[:len(servers)-1] {
			found, err := s.drift(ctx, servers[i+1])
			if err != nil {
				return servers, nil, err
			}
			drifted.samples = append(drifted.samples, float64(found.Differ+found.Healed))
		}
	}
}

// differing lets the last server of two write what the first does not read.
func differing(ctx context.Context, o options, servers []*server) (figures []figure, err error) {
	here, there := servers[0], servers[1]
	for _, s := range servers[2:] {
		s.stop()
	}
	if err := here.cli(ctx, "member", "role", there.https, "write-only"); err != nil {
		return nil, err
	}
	done := 0
	for _, n := range []int{1, 100} {
		for ; done < min(n, o.zones); done++ {
			z := done * (o.zones / min(n, o.zones))
			body := map[string]any{"operations": []any{map[string]any{"op": "set", "name": "www2", "ttl": 300, "type": "A", "data": []string{"10.9.9.9"}}}}
			if err := there.call(ctx, http.MethodPatch, fmt.Sprintf("/zones/z%06d.example", z), body, nil); err != nil {
				return nil, err
			}
		}
		for { // the link opens again with its new role
			if f, err := here.drift(ctx, there); err != nil {
				return nil, err
			} else if f.Failed == "" {
				break
			}
			if err := pause(ctx, time.Second); err != nil {
				return nil, err
			}
		}
		c := newCost(fmt.Sprintf("%d zones differ", done))
		for range o.rounds {
			if err := c.compare(ctx, here, there); err != nil {
				return nil, err
			}
		}
		if c.differ.samples[0] != float64(done) {
			return nil, fmt.Errorf("%d zones differ, and %v were found", done, c.differ.samples)
		}
		figures = append(figures, c.figures()...)
	}
	return figures, nil
}

// cost is what comparisons took.
type cost struct{ rounds, took, cpu, rss, differ figure }

func newCost(what string) *cost {
	f := func(of, unit string) figure { return figure{what: what + ": " + of, unit: unit} }
	return &cost{
		f("round trips", ""), f("time of a comparison", "ms"), f("processor time, both servers", "ms"),
		f("memory that both servers have more than before", "MB"), f("zones that differ", ""),
	}
}

func (c *cost) figures() []figure { return []figure{c.rounds, c.differ, c.took, c.cpu, c.rss} }

// compare compares a server with others over its links to them.
func (c *cost) compare(ctx context.Context, s *server, with ...*server) error {
	for _, to := range with {
		cpu, rss := s.cpu()+to.cpu(), s.rss()+to.rss()
		found, err := s.drift(ctx, to)
		if err != nil {
			return err
		}
		if found.Failed != "" {
			return fmt.Errorf("%s and %s: %s", s.name, to.name, found.Failed)
		}
		add := func(f *figure, v float64) { f.samples = append(f.samples, v) }
		add(&c.rounds, float64(found.Rounds))
		add(&c.differ, float64(found.Differ))
		add(&c.took, found.MS)
		add(&c.cpu, float64((s.cpu() + to.cpu() - cpu).Milliseconds()))
		add(&c.rss, float64(s.rss()+to.rss()-rss)/1e6)
	}
	return nil
}

type found struct {
	Failed                         string
	Rounds, Differ, Moving, Healed int
	MS                             float64
}

// drift compares with one member now.
func (s *server) drift(ctx context.Context, with *server) (found, error) {
	var r struct{ Members []found }
	err := s.call(ctx, http.MethodPost, "/cluster/drift", map[string]any{"member": with.https}, &r)
	if err == nil && len(r.Members) != 1 {
		err = fmt.Errorf("%s compares %d members", s.name, len(r.Members))
	}
	if err != nil {
		return found{}, err
	}
	fmt.Fprintf(os.Stderr, "%s %s: %+v\n", s.name, with.name, r.Members[0])
	return r.Members[0], nil
}
