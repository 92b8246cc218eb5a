package control

import (
	"github.com/zonefleet/zonefleet/internal/cluster"
	"github.com/zonefleet/zonefleet/internal/store"
)

// start sets where a link begins: at the beginning if zones are synchronized at once, otherwise at the head.
func start(m *Member, syncNow bool, head store.Position) {
	first := m.Policy().FirstSync
	m.PushFrom, m.PullAll, m.PullOthers, m.Overwrite = head, false, false, false
	if !syncNow {
		return
	}
	if first.Push {
		m.PushFrom = 0
	}
	m.PullAll, m.PullOthers, m.Overwrite = first.Pull, first.PullOthers, first.Overwrite
	if first.Pull {
		m.PullFrom = 0
	}
}

// meets notes where the member's feed was when it was added: what it writes from then on is followed, however long it takes
// until the link opens.
func (m *Member) meets(f Facts) { m.PullFrom, m.PullInstance = f.Position, f.Instance }

// starts tells a person what a link does once, at its start.
func starts(m Member) []string {
	pol, name := m.Policy(), m.Label()
	var list lines
	list.add(m.PushFrom == 0 && pol.Send != cluster.SendNone, "all zones of this server are sent to "+name+" now")
	list.add(m.Overwrite, "what differs there is overwritten once and listed there as overwritten")
	list.add(m.PullOthers, "all zones of "+name+" are taken now")
	list.add(m.PullAll && !m.PullOthers, "newer states of zones that both have are taken from "+name+" now")
	return list
}

// does tells a person what a link does from now on.
func does(m Member) []string {
	pol, name := m.Policy(), m.Label()
	var list lines
	list.add(pol.Send == cluster.SendJoin, "changes here are sent to "+name+" and joined there")
	list.add(pol.Send == cluster.SendReplace, "changes made here are sent to "+name+" and replace what it serves")
	list.add(pol.Send == cluster.SendNone, "changes here are not sent to "+name)
	list.add(pol.Follow && pol.TakeOthers, "changes at "+name+" are followed, also of zones that are new there")
	list.add(pol.Follow && !pol.TakeOthers, "changes at "+name+" of zones that both have are followed")
	list.add(!pol.Follow, "changes at "+name+" are not read")
	list.add(pol.AskExists, name+" is asked before a zone is created here")
	return list
}

// lines is a text for people that grows by what applies.
type lines []string

func (l *lines) add(applies bool, text string) {
	if applies {
		*l = append(*l, text)
	}
}
