package test

import (
	"fmt"
	"testing"
	"time"
)

// exhibit is a cluster worth a picture.
type exhibit struct {
	*server
	cluster []*server
}

// exhibition starts a cluster in which there is something to see: members in step, one disabled, one that does not answer;
// and a server that has just been started.
func exhibition(t *testing.T) (web exhibit, fresh *server) {
	t.Helper()
	web.server = startServer(t, "web1.zonefleet.test")
	zones := map[string]string{}
	for i := range 64 {
		zones[fmt.Sprintf("customer%02d.example", i)] = zoneFile("192.0.2.1")
	}
	web.run("zone", "import", writeZones(t, zones))
	for i := range 4 {
		web.cluster = append(web.cluster, startServer(t, fmt.Sprintf("ns%d.zonefleet.test", i+1)))
	}
	linkedBothWays(t, web.server, web.cluster[0])
	link(t, web.server, web.cluster[1], "--role", "write-only", "--sync-now")
	linkedBothWays(t, web.server, web.cluster[2])
	linkedBothWays(t, web.server, web.cluster[3])
	link(t, web.cluster[0], web.cluster[1], "--role", "standalone")
	web.run("wait", "--timeout", "60s")
	web.run("member", "disable", web.cluster[2].name)
	web.cluster[3].stop()
	for i := range 12 {
		web.run("record", "set", fmt.Sprintf("customer%02d.example", i), "www", "300", "A", "192.0.2.9")
	}
	time.Sleep(2 * time.Second) // until the member that is gone has failed a few times
	return web, startServer(t, "ns9.zonefleet.test")
}
