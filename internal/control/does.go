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
}

// does tells a person what the link does from now on.
func does(m Member) []string {
	var list []string
	say := func(when bool, text string) {
		if when {
			list = append(list, text)
		}
	}
	pol, name := m.Policy(), m.Label()
	say(m.PushFrom == 0 && pol.Send != cluster.SendNone, "all zones of this server are sent to "+name+" now")
	say(m.Overwrite, "what differs there is overwritten once and listed there as overwritten")
	say(m.PullOthers, "all zones of "+name+" are taken now")
	say(m.PullAll && !m.PullOthers, "newer states of zones that both have are taken from "+name+" now")
	say(pol.Send == cluster.SendJoin, "changes here are sent to "+name+" and joined there")
	say(pol.Send == cluster.SendReplace, "changes made here are sent to "+name+" and replace what it serves")
	say(pol.Send == cluster.SendNone, "changes here are not sent to "+name)
	say(pol.Follow && pol.TakeOthers, "changes at "+name+" are followed, also of zones that are new there")
	say(pol.Follow && !pol.TakeOthers, "changes at "+name+" of zones that both have are followed")
	say(!pol.Follow, "changes at "+name+" are not read")
	say(pol.AskExists, name+" is asked before a zone is created here")
	return list
}
