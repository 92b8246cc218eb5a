package test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/miekg/dns"
)

// A copy of a data folder that runs beside its original is an alarm at the server that both have links to, and nothing that
// either writes is lost.
func TestACopyThatRunsBesideItsOriginalIsAnAlarm(t *testing.T) {
	for _, whole := range []bool{false, true} { // as a virtual machine is copied: the folder cannot know that it is a copy
		t.Run(fmt.Sprintf("whole machine %v", whole), func(t *testing.T) {
			web, ns := startServer(t, "web.zonefleet.test"), startServer(t, "ns.zonefleet.test")
			linkedBothWays(t, web, ns)
			web.has("example.com")
			web.run("wait", "--timeout", "20s")
			twin := newServer(t, web.name)
			web.stop()
			copyData(t, web.dir, twin.dir)
			if whole {
				isWhereItWas(t, twin.dir)
			}
			web.start()
			twin.start()
			for n := 0; ; n++ { // both are used
				web.run("record", "set", "example.com", "web", "300", "A", fmt.Sprintf("192.0.2.%d", n%250+1))
				twin.run("record", "set", "example.com", "twin", "300", "A", fmt.Sprintf("192.0.2.%d", n%250+1))
				if strings.Contains(ns.get("/api/v1/events"), `"twins"`) {
					break
				}
				if n > 300 {
					t.Fatal("there is no alarm")
				}
				time.Sleep(200 * time.Millisecond)
			}
			ns.tells("twins", web.name, "two servers that run show the key of "+web.name)
			out, err := ns.try("cluster", "status")
			if err == nil || !containsAll(out, "someone must act", "two servers that run show the key of "+web.name, "SHA256:") {
				t.Errorf("the status says %q, %v", out, err)
			}
			if metrics := ns.get("/metrics"); !regexp.MustCompile(`(?m)^zonefleet_copied_servers [12]$`).MatchString(metrics) {
				t.Error("the metrics do not say so")
			}
			if strings.Count(ns.get("/api/v1/events"), `"twins"`) != 1 {
				t.Error("it is told more than once")
			}

			web.run("record", "set", "example.com", "last-web", "300", "A", "192.0.2.7")
			twin.run("record", "set", "example.com", "last-twin", "300", "A", "192.0.2.8")
			if !whole {
				ns.answers("last-web.example.com", dns.TypeA, "192.0.2.7")
				ns.answers("last-twin.example.com", dns.TypeA, "192.0.2.8")
			}
			twin.stop()
			web.stop()
			web.start()
			for _, s := range []*server{web, ns} {
				s.answers("last-web.example.com", dns.TypeA, "192.0.2.7")
				if !whole {
					s.answers("last-twin.example.com", dns.TypeA, "192.0.2.8")
				}
			}
			if m := ns.drift(web); m.Differ != 0 {
				t.Errorf("%+v", m)
			}
		})
	}
}

// isWhereItWas makes a copied folder believe that it is the original.
func isWhereItWas(t *testing.T, dir string) {
	t.Helper()
	info, err := os.Stat(dir)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "instance")
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	inode := fmt.Sprintf("inode %d\n", info.Sys().(*syscall.Stat_t).Ino)
	if err := os.WriteFile(path, regexp.MustCompile(`inode \d+\n`).ReplaceAll(text, []byte(inode)), 0o600); err != nil {
		t.Fatal(err)
	}
}
