package test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/miekg/dns"
)

// copyData makes what is in one folder, of a stopped server, all that is in the other.
func copyData(t *testing.T, from, to string) {
	t.Helper()
	emptyFolder(t, to)
	if err := os.CopyFS(to, os.DirFS(from)); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"node.key", "seal.key", "root.token"} { // CopyFS keeps no mode below 0666
		if err := os.Chmod(filepath.Join(to, name), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// emptyFolder removes what is in a folder but for the names given.
func emptyFolder(t *testing.T, dir string, but ...string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	for _, e := range entries {
		if slices.Contains(but, e.Name()) {
			continue
		}
		if err := os.RemoveAll(filepath.Join(dir, e.Name())); err != nil {
			t.Fatal(err)
		}
	}
}

// A copy that is put back as another folder is known to be one. In the same folder (a snapshot of a disk) only the
// members know that it is older.
func TestAServerPutBackToAnOlderCopyLosesNothing(t *testing.T) {
	for _, folder := range []string{"another folder", "the same folder"} {
		t.Run(folder, func(t *testing.T) {
			a, b := pair(t)
			a.has("example.com", "example.net")
			b.has("theirs.example")
			a.answers("www.theirs.example", dns.TypeA, "192.0.2.1")
			a.set("example.com", "192.0.2.2", "--wait=all")
			backup := filepath.Join(t.TempDir(), "backup")
			a.stop()
			copyData(t, a.dir, backup)
			a.start()
			a.set("example.com", "192.0.2.3", "--wait=all")
			a.run("record", "set", "example.com", "lost", "300", "A", "192.0.2.9", "--wait=all")
			b.set("theirs.example", "192.0.2.4", "--wait=all")
			a.stop()
			if folder == "another folder" {
				if err := os.Rename(a.dir, a.dir+".old"); err != nil {
					t.Fatal(err)
				}
			}
			copyData(t, backup, a.dir)
			a.start()

			// The first write comes at once: without a fresh node id it would get the dot of one that b has.
			a.run("record", "set", "example.com", "new", "300", "A", "192.0.2.10")
			for _, s := range []*server{a, b} {
				s.answers("new.example.com", dns.TypeA, "192.0.2.10")
				s.answers("lost.example.com", dns.TypeA, "192.0.2.9")
				s.answers("www.example.com", dns.TypeA, "192.0.2.3")
				s.answers("www.theirs.example", dns.TypeA, "192.0.2.4")
			}
			settled(t, a, b)
			sameSerial(t, "example.com", a, b)
			for _, s := range []*server{a, b} {
				var list conflictList
				if s.json(&list, "conflict", "list"); len(list.Conflicts) != 0 {
					t.Errorf("%s lists %+v", s.name, list)
				}
			}
		})
	}
}

func TestAServerWhoseStoreIsLostFillsItself(t *testing.T) {
	a, b := pair(t)
	a.has("example.com")
	b.has("example.net")
	a.answers("www.example.net", dns.TypeA, "192.0.2.1")
	b.answers("www.example.com", dns.TypeA, "192.0.2.1")
	b.stop()
	emptyFolder(t, b.dir, "node.key", "node.crt")
	b.start()
	// Its tokens went with the store: a says so, and goes on where there are new ones.
	eventually(t, 10*time.Second, "a says that its token is not accepted", func() error {
		if m := a.member(b.name); !strings.Contains(m.LastError, "token is not accepted") {
			return fmt.Errorf("%+v", m)
		}
		return nil
	})
	a.run("member", "edit", b.name, "--api-token", b.token("relay"))
	b.answers("www.example.com", dns.TypeA, "192.0.2.1")
	b.answers("www.example.net", dns.TypeA, "192.0.2.1")
	b.set("example.net", "192.0.2.5")
	a.answers("www.example.net", dns.TypeA, "192.0.2.5")
}

func TestTheDebugLogHasEveryTransactionAndNoContent(t *testing.T) {
	a, b := startServer(t, "a.zonefleet.test"), startServer(t, "b.zonefleet.test")
	token := b.token("relay")
	a.run("member", "add", b.https, "--api-token", token, "--role", "synchronize", "--zones", "all", "--reverse-trust", "--debug")
	a.has("example.com")
	a.set("example.com", "192.0.2.77", "--wait=all")
	b.set("example.com", "192.0.2.78", "--wait=all")
	path := filepath.Join(a.dir, "log", "cluster.log")
	seen := map[string]int{}
	eventually(t, 5*time.Second, "both directions are logged", func() error {
		file, err := os.Open(path)
		if err != nil {
			return err
		}
		defer file.Close()
		clear(seen)
		for lines := bufio.NewScanner(file); lines.Scan(); {
			var line struct {
				Time      time.Time `json:"time"`
				Member    string    `json:"member"`
				Direction string    `json:"direction"`
				Zone      string    `json:"zone"`
				Serial    uint32    `json:"serial"`
				Bytes     int       `json:"bytes"`
				MS        *float64  `json:"ms"`
				Result    string    `json:"result"`
			}
			if err := json.Unmarshal(lines.Bytes(), &line); err != nil {
				t.Fatalf("%v in %s", err, lines.Text())
			}
			for _, secret := range []string{"192.0.2", token, "www"} {
				if strings.Contains(lines.Text(), secret) {
					t.Fatalf("%q is in the log: %s", secret, lines.Text())
				}
			}
			if line.Zone != "example.com" {
				continue
			}
			if line.Member != b.name || line.Time.Location() != time.UTC || line.Serial == 0 || line.Bytes == 0 || line.MS == nil || line.Result == "" {
				t.Fatalf("a line is %s", lines.Text())
			}
			seen[line.Direction]++
		}
		if seen["sent"] < 2 || seen["received"] < 1 {
			return fmt.Errorf("lines by direction: %v", seen)
		}
		return nil
	})
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the log is %v %v", info, err)
	}
	if _, err := os.Stat(filepath.Join(b.dir, "log", "cluster.log")); err == nil {
		t.Error("b has a log, and nobody asked for one")
	}
	b.run("member", "edit", a.name, "--debug")
	a.has("example.net") // asks b whether there is one
	eventually(t, 5*time.Second, "b logs the question", func() error {
		text, err := os.ReadFile(filepath.Join(b.dir, "log", "cluster.log"))
		if err == nil && !containsAll(string(text), `"what":"exists"`, `"direction":"received"`, `"member":"`+a.name+`"`) {
			err = fmt.Errorf("it has %s", text)
		}
		return err
	})
}

// cpu is how much processor time a process has taken, in ticks of 10 ms.
func cpu(t *testing.T, cmd *exec.Cmd) int {
	t.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", cmd.Process.Pid))
	if err != nil {
		t.Fatal(err)
	}
	fields := strings.Fields(string(text[strings.LastIndexByte(string(text), ')')+1:]))
	user, err1 := strconv.Atoi(fields[11])
	system, err2 := strconv.Atoi(fields[12])
	if err1 != nil || err2 != nil {
		t.Fatal(err1, err2)
	}
	return user + system
}

func TestAnIdleClusterDoesNothing(t *testing.T) {
	web, ns1, ns2 := trio(t)
	web.has("example.com")
	ns2.answers("www.example.com", dns.TypeA, "192.0.2.1")
	settled(t, web, ns1, ns2)
	time.Sleep(time.Second)
	before := [3]int{}
	servers := []*server{web, ns1, ns2}
	for i, s := range servers {
		before[i] = cpu(t, s.cmd)
	}
	const idle = 4 * time.Second
	time.Sleep(idle)
	for i, s := range servers {
		if took := cpu(t, s.cmd) - before[i]; took > 8 { // 2 % of one processor
			t.Errorf("%s took %d ms in %s of nothing", s.name, 10*took, idle)
		}
	}
}

func TestMetricsCountWhatHappens(t *testing.T) {
	a, b := pair(t)
	a.has("example.com", "example.net")
	b.answers("www.example.com", dns.TypeA, "192.0.2.1")
	if _, err := a.ask("nothing.example.com", dns.TypeA); err != nil {
		t.Fatal(err)
	}
	a.set("example.com", "192.0.2.2", "--wait=all")
	b.kill()
	a.set("example.com", "192.0.2.3")
	time.Sleep(1100 * time.Millisecond)
	text := a.get("/metrics")
	value := func(series string) float64 {
		for line := range strings.Lines(text) {
			if name, number, _ := strings.Cut(strings.TrimSpace(line), "} "); name+"}" == series || strings.HasPrefix(line, series+" ") {
				if !strings.HasSuffix(series, "}") {
					_, number, _ = strings.Cut(strings.TrimSpace(line), " ")
				}
				v, err := strconv.ParseFloat(number, 64)
				if err != nil {
					t.Fatal(err)
				}
				return v
			}
		}
		t.Errorf("there is no %s in\n%s", series, text)
		return -1
	}
	for _, want := range []struct {
		least  float64
		series string
	}{
		{1, `zonefleet_dns_answers_total{rcode="NXDOMAIN"}`},
		{2, `zonefleet_zones`},
		{1, `zonefleet_members{state="active"}`},
		{1, `zonefleet_member_waiting_changes{member="b.zonefleet.test"}`},
		{1, `zonefleet_member_oldest_waiting_seconds{member="b.zonefleet.test"}`},
		{1, `zonefleet_propagation_seconds_count{server="b.zonefleet.test"}`},
		{3, `zonefleet_store_sync_seconds_count`},
	} {
		if v := value(want.series); v >= 0 && v < want.least {
			t.Errorf("%s is %v", want.series, v)
		}
	}
	if v := value("zonefleet_conflicts"); v != 0 {
		t.Errorf("%v conflicts", v)
	}
}
