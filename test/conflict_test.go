package test

import (
	"fmt"
	"testing"
	"time"

	"github.com/miekg/dns"
)

type conflictList struct {
	Conflicts []struct {
		ID     string `json:"id"`
		Kind   string `json:"kind"`
		Zone   string `json:"zone"`
		Name   string `json:"name"`
		Hidden struct {
			Author  string    `json:"author"`
			Time    time.Time `json:"time"`
			Records []struct {
				Data string `json:"data"`
			} `json:"records"`
		} `json:"hidden"`
	} `json:"conflicts"`
}

// cut takes the link between two servers down by hand on both sides; heal puts it up again.
func cut(a, b *server)  { a.run("member", "disable", b.name); b.run("member", "disable", a.name) }
func heal(a, b *server) { a.run("member", "enable", b.name); b.run("member", "enable", a.name) }

// pair is two servers that synchronize everything with each other.
func pair(t *testing.T) (a, b *server) {
	t.Helper()
	a, b = startServer(t, "a.zonefleet.test"), startServer(t, "b.zonefleet.test")
	linkedBothWays(t, a, b)
	return a, b
}

// settled waits until both have everything of each other.
func settled(t *testing.T, servers ...*server) {
	t.Helper()
	for _, s := range servers {
		s.run("wait", "--timeout", "20s")
	}
}

func TestEditsOfDifferentRecordsOnBothSidesOfACutBothSurvive(t *testing.T) {
	a, b := pair(t)
	a.run("zone", "import", writeZones(t, map[string]string{"example.com": zoneFile("192.0.2.1")}))
	b.answers("www.example.com", dns.TypeA, "192.0.2.1")
	cut(a, b)
	a.run("record", "set", "example.com", "left", "300", "A", "192.0.2.10")
	b.run("record", "set", "example.com", "right", "300", "A", "192.0.2.20")
	heal(a, b)
	for _, s := range []*server{a, b} {
		s.answers("left.example.com", dns.TypeA, "192.0.2.10")
		s.answers("right.example.com", dns.TypeA, "192.0.2.20")
	}
	settled(t, a, b)
	sameSerial(t, "example.com", a, b)
	for _, s := range []*server{a, b} {
		var list conflictList
		if s.json(&list, "conflict", "list"); len(list.Conflicts) != 0 {
			t.Errorf("%s lists conflicts: %+v", s.name, list)
		}
	}
}

func TestEditsOfOneRecordOnBothSidesOfACut(t *testing.T) {
	a, b := pair(t)
	a.run("zone", "import", writeZones(t, map[string]string{"example.com": zoneFile("192.0.2.1")}))
	b.answers("www.example.com", dns.TypeA, "192.0.2.1")
	cut(a, b)
	a.run("record", "set", "example.com", "www", "300", "A", "192.0.2.10")
	time.Sleep(20 * time.Millisecond) // b's edit is the later one
	b.run("record", "set", "example.com", "www", "300", "A", "192.0.2.20")
	heal(a, b)
	a.answers("www.example.com", dns.TypeA, "192.0.2.20")
	b.answers("www.example.com", dns.TypeA, "192.0.2.20")

	var id string
	for _, s := range []*server{a, b} {
		eventually(t, 5*time.Second, s.name+" lists the hidden edit", func() error {
			var list conflictList
			s.json(&list, "conflict", "list")
			if len(list.Conflicts) != 1 {
				return fmt.Errorf("%d conflicts are listed", len(list.Conflicts))
			}
			c := list.Conflicts[0]
			if len(c.Hidden.Records) != 1 || c.Hidden.Records[0].Data != "192.0.2.10" || c.Hidden.Author != "root@"+a.name {
				return fmt.Errorf("the conflict is %+v", c)
			}
			if time.Since(c.Hidden.Time).Abs() > time.Minute {
				return fmt.Errorf("the hidden edit is from %s", c.Hidden.Time)
			}
			if id != "" && id != c.ID {
				return fmt.Errorf("its id is %s here and %s there", c.ID, id)
			}
			id = c.ID
			return nil
		})
	}
	b.run("conflict", "choose", id, "hidden", "--wait=all")
	a.answers("www.example.com", dns.TypeA, "192.0.2.10")
	b.answers("www.example.com", dns.TypeA, "192.0.2.10")
	for _, s := range []*server{a, b} {
		var list conflictList
		if s.json(&list, "conflict", "list"); len(list.Conflicts) != 0 {
			t.Errorf("%s still lists %+v", s.name, list)
		}
	}
}

func TestAZoneDeletedThereAndEditedHereStaysDeletedAndIsListed(t *testing.T) {
	a, b := pair(t)
	a.run("zone", "import", writeZones(t, map[string]string{"example.com": zoneFile("192.0.2.1")}))
	b.answers("www.example.com", dns.TypeA, "192.0.2.1")
	cut(a, b)
	a.run("zone", "delete", "example.com")
	b.run("record", "set", "example.com", "www", "300", "A", "192.0.2.20")
	heal(a, b)
	for _, s := range []*server{a, b} {
		eventually(t, 10*time.Second, s.name+" no longer answers the zone", func() error {
			m, err := s.ask("www.example.com", dns.TypeA)
			if err != nil {
				return err
			}
			if m.Rcode != dns.RcodeRefused {
				return fmt.Errorf("it answers %s", dns.RcodeToString[m.Rcode])
			}
			return nil
		})
		eventually(t, 10*time.Second, s.name+" lists the edit", func() error {
			var list conflictList
			s.json(&list, "conflict", "list")
			if len(list.Conflicts) != 1 || list.Conflicts[0].Kind != "deleted" || list.Conflicts[0].Hidden.Records[0].Data != "192.0.2.20" {
				return fmt.Errorf("it lists %+v", list)
			}
			return nil
		})
	}
}

func TestTwoServersThatCreateOneZoneWhileApartDoNotMixIt(t *testing.T) {
	a, b := pair(t)
	cut(a, b)
	a.run("zone", "import", writeZones(t, map[string]string{"example.com": zoneFile("192.0.2.1")}))
	a.run("record", "set", "example.com", "only-a", "300", "A", "192.0.2.11")
	time.Sleep(20 * time.Millisecond)
	b.run("zone", "import", writeZones(t, map[string]string{"example.com": zoneFile("192.0.2.2")}))
	b.run("record", "set", "example.com", "only-b", "300", "A", "192.0.2.12")
	heal(a, b)
	settled(t, a, b)
	eventually(t, 10*time.Second, "both serve one of the two zones, whole", func() error {
		var served []string
		for _, s := range []*server{a, b} {
			onlyA, errA := s.ask("only-a.example.com", dns.TypeA)
			onlyB, errB := s.ask("only-b.example.com", dns.TypeA)
			www, errW := s.ask("www.example.com", dns.TypeA)
			if errA != nil || errB != nil || errW != nil {
				return fmt.Errorf("%v %v %v", errA, errB, errW)
			}
			served = append(served, fmt.Sprint(data(www.Answer, dns.TypeA), len(onlyA.Answer), len(onlyB.Answer)))
		}
		if served[0] != served[1] || served[0] != "[192.0.2.1] 1 0" && served[0] != "[192.0.2.2] 0 1" {
			return fmt.Errorf("served is %v", served)
		}
		return nil
	})
	for _, s := range []*server{a, b} {
		var list conflictList
		if s.json(&list, "conflict", "list"); len(list.Conflicts) == 0 || list.Conflicts[0].Kind != "life" {
			t.Errorf("%s lists %+v", s.name, list)
		}
	}
}

func TestUndoPutsBackExactlyWhatAChangeReplaced(t *testing.T) {
	a, b := pair(t)
	a.run("zone", "import", writeZones(t, map[string]string{"example.com": zoneFile("192.0.2.1")}))
	var result struct {
		Change uint64 `json:"change"`
	}
	a.json(&result, "record", "set", "example.com", "www", "300", "A", "192.0.2.10", "--wait=all")
	a.run("record", "set", "example.com", "later", "300", "A", "192.0.2.30")
	a.run("change", "undo", fmt.Sprint(result.Change), "--wait=all")
	for _, s := range []*server{a, b} {
		s.answers("www.example.com", dns.TypeA, "192.0.2.1")
		s.answers("later.example.com", dns.TypeA, "192.0.2.30")
	}
}
