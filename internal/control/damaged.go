package control

import (
	"fmt"
	"strings"

	"github.com/zonefleet/zonefleet/internal/cluster"
	"github.com/zonefleet/zonefleet/internal/zone"
)

// Way is a command that ends the difference of a zone that is damaged at one of two servers.
type Way struct {
	Right   string // the server whose records both have afterwards
	Command string // for a shell on this server; the token of the member is in a file
}

// ways are the two between which a person has to choose: what the one server exports becomes a change at the other, which
// replaces there what was damaged and is a change like any other here.
func (k *comparing) ways(z zone.Name, d cluster.Drift, e ends) []Way {
	if d.Kind != cluster.Damaged || e.SameContent {
		return nil
	}
	m := k.member
	there := fmt.Sprintf(" --server https://%s --fingerprint %s --token-file %s",
		m.at(), m.Fingerprint, quoted(m.Host+".token"))
	name := quoted(z.Text())
	export, take := "zonefleet zone export "+name, "zonefleet zone import - --zone "+name
	return []Way{
		{Right: k.Self.Name, Command: export + " | " + take + there},
		{Right: m.Label(), Command: export + there + " | " + take},
	}
}

// quoted is a word for a shell: names come from members.
func quoted(s string) string {
	const plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_"
	if s != "" && strings.Trim(s, plain) == "" {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}
