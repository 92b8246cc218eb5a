package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/zonefleet/zonefleet/internal/api"
)

// pairs is how many pairs of names each zone has. Both names of a pair are always written in one act, with the same
// data, so that a reader who finds them different has seen half a change.
const pairs = 4

// act does one thing, often what people do often.
func (c *client) act(ctx context.Context) {
	z := c.storm.zones.pick(c.rand, c.at.edits)
	for _, choice := range []struct {
		weight int
		do     func(context.Context, string)
	}{
		{34, c.setPair},
		{16, c.setHot},
		{10, c.add},
		{8, c.remove},
		{6, c.alias},
		{8, c.importFile},
		{6, c.undoOne},
		{4, c.choose},
		{3, c.bulk},
		{3, c.create},
		{2, c.deleteZone},
	} {
		if n := c.rand.IntN(100); n < choice.weight {
			choice.do(ctx, z)
			return
		}
	}
	c.setPair(ctx, z)
}

func (c *client) token() string { return fmt.Sprintf("%s-%08x", c.at.name[:1], c.rand.Uint32()) }

func (c *client) addr() string {
	return fmt.Sprintf("10.%d.%d.%d", c.rand.IntN(256), c.rand.IntN(256), c.rand.IntN(256))
}

func op(kind, name, rrtype string, data ...string) api.Operation {
	o := api.Operation{Op: kind, Name: name, Type: rrtype, Data: data}
	if kind != "delete" {
		ttl := uint32(300)
		o.TTL = &ttl
	}
	return o
}

func (c *client) edit(ctx context.Context, kind, z string, ops ...api.Operation) error {
	path := zonePath(z)
	switch c.rand.IntN(20) {
	case 0:
		path += "?wait=2&timeout=2s"
	case 1:
		path += "?wait=all&timeout=2s"
	}
	return c.writeJSON(ctx, kind, z, http.MethodPatch, path, api.Edit{Operations: ops})
}

func pairNames(n int) (string, string) { return fmt.Sprintf("pair%d-x", n), fmt.Sprintf("pair%d-y", n) }

// setPair writes both names of a pair.
func (c *client) setPair(ctx context.Context, z string) {
	x, y := pairNames(c.rand.IntN(pairs))
	token := c.token()
	_ = c.edit(ctx, "set pair", z, op("set", x, "TXT", token), op("set", y, "TXT", token))
}

// setHot writes a name that everybody writes.
func (c *client) setHot(ctx context.Context, z string) {
	_ = c.edit(ctx, "set", z, op("set", fmt.Sprintf("hot%d", c.rand.IntN(3)), "A", c.addr()))
}

func (c *client) add(ctx context.Context, z string) {
	_ = c.edit(ctx, "add", z, op("add", "_acme-challenge", "TXT", c.token()))
}

func (c *client) remove(ctx context.Context, z string) {
	if c.rand.IntN(2) == 0 {
		_ = c.edit(ctx, "delete record", z, op("delete", "_acme-challenge", "TXT"))
		return
	}
	_ = c.edit(ctx, "delete record", z, op("delete", fmt.Sprintf("hot%d", c.rand.IntN(3)), "A"))
}

// alias makes a name an alias, or an address again: made apart, the two exclude each other.
func (c *client) alias(ctx context.Context, z string) {
	set, other := op("set", "alias", "CNAME", c.token()+".target.example."), op("delete", "alias", "A")
	if c.rand.IntN(2) == 0 {
		set, other = op("set", "alias", "A", c.addr()), op("delete", "alias", "CNAME")
	}
	if err := c.edit(ctx, "alias", z, other, set); refused(err) {
		_ = c.edit(ctx, "alias", z, set) // there was no other
	}
}

// importFile exports a zone, changes some lines as one does in an editor, and gives it back whole.
func (c *client) importFile(ctx context.Context, z string) {
	if text, ok := c.changedFile(ctx, z); ok {
		_, _ = c.write(ctx, "import", z, http.MethodPut, zonePath(z)+"/file", "text/dns", []byte(text))
	}
}

func (c *client) changedFile(ctx context.Context, z string) (string, bool) {
	text, err := c.at.send(ctx, http.MethodGet, zonePath(z)+"/file", "", nil)
	if err != nil {
		return "", false
	}
	x, y := pairNames(c.rand.IntN(pairs))
	token := c.token()
	var lines []string
	for _, line := range strings.Split(string(text), "\n") {
		if name, _, _ := strings.Cut(line, "\t"); strings.TrimSpace(name) != x && strings.TrimSpace(name) != y && !strings.HasPrefix(line, x) && !strings.HasPrefix(line, y) {
			lines = append(lines, line)
		}
	}
	for _, name := range []string{x, y} {
		lines = append(lines, fmt.Sprintf("%s.%s. 300 IN TXT %q", name, z, token))
	}
	lines = append(lines, fmt.Sprintf("file%d.%s. 300 IN A %s", c.rand.IntN(5), z, c.addr()))
	return strings.Join(lines, "\n") + "\n", true
}

// bulk imports several zones with one request; each is a change of its own.
func (c *client) bulk(ctx context.Context, _ string) {
	for range 3 {
		z := c.storm.zones.pick(c.rand, c.at.edits)
		if text, ok := c.changedFile(ctx, z); ok {
			line, _ := json.Marshal(api.ImportLine{Name: z, Text: text})
			c.bulkLine(ctx, z, line)
		}
	}
}

// bulkLine sends one line: its answer is a line, and wraps the result.
func (c *client) bulkLine(ctx context.Context, z string, line []byte) {
	gen := c.at.generation()
	a := &act{server: c.at.name, generation: gen, kind: "bulk import", zone: z, sent: now()}
	text, err := c.at.send(ctx, http.MethodPost, "/import", "application/x-ndjson", line)
	a.answered = now()
	var result api.ImportResult
	if err == nil {
		err = json.Unmarshal(text, &result)
	}
	switch {
	case err == nil && result.Problem != nil && result.Problem.Code == "held":
		err = errHeld
	case err == nil && result.Problem != nil:
		err = &problem{result.Problem.Status, result.Problem.Detail}
	case err == nil && result.Result == nil:
		err = fmt.Errorf("an answer without a result: %s", text)
	}
	var written api.WriteResult
	if result.Result != nil {
		written = *result.Result
	}
	a.settle(written, err)
	if c.at.generation() != gen {
		a.outcome = unknown
	}
	c.storm.ledger.add(a)
}

// undoOne takes back something that this client did, but for zones.
func (c *client) undoOne(ctx context.Context, z string) {
	gen := c.at.generation()
	if len(c.undo) == 0 || gen != c.undoIn {
		c.setPair(ctx, z)
		return
	}
	i := c.rand.IntN(len(c.undo))
	id := c.undo[i]
	c.undo = append(c.undo[:i], c.undo[i+1:]...)
	_ = c.writeJSON(ctx, "undo", "", http.MethodPost, fmt.Sprintf("/changes/%d/undo", id), api.Reason{})
}

// choose settles a conflict, but for pairs, of which it would settle one half.
func (c *client) choose(ctx context.Context, z string) {
	var list api.ConflictList
	if err := c.at.call(ctx, http.MethodGet, "/conflicts?limit=50", nil, &list); err != nil || len(list.Conflicts) == 0 {
		c.setHot(ctx, z)
		return
	}
	found := list.Conflicts[c.rand.IntN(len(list.Conflicts))]
	if strings.HasPrefix(found.Name, "pair") || !c.at.edits(found.Zone) {
		c.setPair(ctx, z)
		return
	}
	choice := []string{"hidden", "served", "merge"}[c.rand.IntN(3)]
	_ = c.writeJSON(ctx, "choose", found.Zone, http.MethodPost, "/conflicts/"+url.PathEscape(found.ID)+"/choose", api.Choose{Choice: choice})
}
