package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/zonefleet/zonefleet/internal/api"
	"github.com/zonefleet/zonefleet/internal/backup"
	"github.com/zonefleet/zonefleet/internal/client"
	"github.com/zonefleet/zonefleet/internal/store"
	"github.com/zonefleet/zonefleet/internal/zone"
)

// picked says which zones of a backup are put back into a running server.
type picked struct {
	zones []string
	owner string
	write writeFlags
	dry   bool
	yes   bool
	// confirm is the number of zones that a person was shown.
	confirm int
}

func (p *picked) add(c *cobra.Command) {
	c.Flags().StringSliceVar(&p.zones, "zone", nil, "put back this zone into the running server, repeatable")
	c.Flags().StringVar(&p.owner, "owner", "", "put back all zones of this account into the running server")
	p.addAct(c)
	p.write.add(c)
}

func (p *picked) addAct(c *cobra.Command) {
	c.Flags().BoolVar(&p.dry, "dry-run", false, "show the difference, change nothing")
	c.Flags().BoolVar(&p.yes, "yes", false, "do not ask")
	c.Flags().IntVar(&p.confirm, "confirm", 0, "number of the zones, which a person was shown: not asked about, and not counted by the brake")
}

func (p *picked) any() bool { return len(p.zones) > 0 || p.owner != "" }

// kept is a zone out of a backup.
type kept struct {
	name    string
	content api.Content
}

// restoreZones shows what would change, asks where there is somebody to ask, and writes.
func (a *app) restoreZones(ctx context.Context, file string, p picked) error {
	list, h, err := p.find(ctx, file)
	if err != nil {
		return err
	}
	if p.write.reason == "" {
		p.write.reason = "restored from backup of " + h.Time.UTC().Format("2006-01-02 15:04 MST")
	}
	server, err := a.connect(ctx)
	if err != nil {
		return err
	}
	defer server.Close()
	var results []api.WriteResult
	for _, k := range list {
		res, err := p.restore(ctx, server, k, true)
		if err != nil {
			return err
		}
		results = append(results, res)
	}
	if p.dry {
		return a.show(results, func(t *text) { t.wouldRestore(results) })
	}
	if p.confirm != 0 && p.confirm != len(list) {
		return usage("%d zones are confirmed, %d are to be put back", p.confirm, len(list))
	}
	if !a.json() {
		a.outText().wouldRestore(results)
		if p.confirm == 0 && !p.yes {
			if !a.confirms("Put back " + plural(len(list), "zone", "zones") + "?") {
				return errors.New("nothing was changed")
			}
			if a.asks() {
				p.confirm = len(list)
			}
		}
	}
	return a.putBack(ctx, server, list, p)
}

func (a *app) putBack(ctx context.Context, server *client.Client, list []kept, p picked) error {
	results, late := []api.WriteResult{}, false
	for i, k := range list {
		res, err := p.restore(ctx, server, k, false)
		if err != nil {
			return withHint(fmt.Errorf("%w (%d of %d zones were put back)", err, i, len(list)), "run it again: what is back already stays as it is")
		}
		late = late || res.Reach != nil && !res.Reach.Complete
		results = append(results, res)
	}
	err := a.show(results, func(t *text) {
		for _, res := range results {
			t.writeResult(res, false)
			if res.Reach != nil {
				t.reach(*res.Reach)
			}
		}
	})
	if err == nil && late {
		err = &quietExit{exitNotServed}
	}
	return err
}

func (p picked) restore(ctx context.Context, server *client.Client, k kept, dry bool) (res api.WriteResult, err error) {
	q := p.write.query()
	if dry {
		q.Del("wait")
		q.Set("dry_run", "true")
	}
	err = server.Do(ctx, client.Request{
		Method: http.MethodPost, Path: client.Path("zones", k.name, "restore"), Query: q,
		Body: api.Restore{Content: &k.content, Confirm: p.confirm, Reason: p.write.reason},
	}, &res)
	return res, err
}

func (t *text) wouldRestore(results []api.WriteResult) {
	for _, res := range results {
		switch {
		case res.Created:
			t.line("%s: is not there now, comes back with %s", res.Zone, plural(len(res.RRsets), "RRset", "RRsets"))
		case len(res.RRsets) == 0:
			t.line("%s: is as it was then", res.Zone)
			continue
		default:
			t.line("%s: %s", res.Zone, plural(len(res.RRsets), "RRset differs", "RRsets differ"))
		}
		t.deltas(res.RRsets)
	}
}

func (a *app) asks() bool { return isTerminal(a.Stdin) && isTerminal(a.Stderr) }

// confirms asks where there is somebody to ask.
func (a *app) confirms(question string) bool {
	if !a.asks() {
		return true // a program has decided already
	}
	fmt.Fprintf(a.Stderr, "%s [y/N] ", question)
	answer, _ := bufio.NewReader(a.Stdin).ReadString('\n')
	answer = strings.ToLower(strings.TrimSpace(answer))
	return answer == "y" || answer == "yes"
}

// find reads the zones out of the file, which has to be whole.
func (p picked) find(ctx context.Context, file string) ([]kept, backup.Header, error) {
	wanted := map[zone.Name]bool{}
	for _, text := range p.zones {
		n, err := zone.ParseName(text)
		if err != nil {
			return nil, backup.Header{}, usage("%s: %v", text, err)
		}
		wanted[n] = false
	}
	f, err := os.Open(file)
	if err != nil {
		return nil, backup.Header{}, err
	}
	defer f.Close()
	var list []kept
	h, err := backup.Zones(ctx, f, "", func(h store.Head) bool {
		_, named := wanted[h.Zone]
		return (named || len(p.zones) == 0) && (p.owner == "" || h.Owner == p.owner)
	}, func(_ backup.Header, v *zone.View) error {
		wanted[v.Zone] = true
		list = append(list, keptOf(v))
		return nil
	})
	if err != nil {
		return nil, h, restoreError(file, err)
	}
	for n, found := range wanted {
		if !found {
			return nil, h, &missing{fmt.Errorf("%s: there is no zone %s in it", file, n.Text())}
		}
	}
	if len(list) == 0 {
		return nil, h, &missing{fmt.Errorf("%s: there is no zone of %s in it", file, p.owner)}
	}
	return list, h, nil
}

// missing is a zone that a backup does not have.
type missing struct{ error }

func keptOf(v *zone.View) kept {
	k := kept{name: v.Zone.Text(), content: api.Content{Owner: v.Owner, Stamp: v.Meta[zone.MetaStamp]}}
	for _, set := range v.RRsets {
		for _, data := range set.Data {
			k.content.Records = append(k.content.Records, api.Record{
				Name: set.Owner.String(), TTL: set.TTL, Type: set.Type.String(), Data: zone.DataString(set.Type, data),
			})
		}
	}
	return k
}
