package test

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/miekg/dns"

	"github.com/zonefleet/zonefleet/internal/api"
	"github.com/zonefleet/zonefleet/internal/client"
)

// A server that hands over while an import is under way, however long it would go on, says which files it has not taken.
func TestAnImportThatASuccessorInterruptsSaysWhatWasNotDone(t *testing.T) {
	s, _ := upgradable(t)
	token, err := os.ReadFile(filepath.Join(s.dir, "root.token"))
	if err != nil {
		t.Fatal(err)
	}
	c, err := client.New(client.Options{Server: s.https, Token: strings.TrimSpace(string(token)), AcceptNewKey: true, KnownServers: filepath.Join(t.TempDir(), "known")})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	ended, restarted := make(chan struct{}), make(chan error, 1)
	sent, problem := 0, (*api.Problem)(nil)
	err = c.Lines(t.Context(), client.Path("import"), nil, func() (any, error) {
		if sent++; sent > 1 {
			<-ended
			return nil, io.EOF
		}
		return api.ImportLine{Name: "one.example", Text: zoneFile("192.0.2.1")}, nil
	}, func(line []byte) error {
		var r api.ImportResult
		if err := json.Unmarshal(line, &r); err != nil {
			return err
		}
		if r.Line == 1 {
			go func() { _, err := s.try("restart"); restarted <- err }()
			return nil
		}
		problem = r.Problem
		close(ended)
		return nil
	})
	if err != nil || problem == nil || problem.Code != "unavailable" || !strings.Contains(problem.Detail, "was not done") {
		t.Errorf("the answer ends with %+v, %v", problem, err)
	}
	if err := <-restarted; err != nil {
		t.Error(err)
	}
	s.answers("www.one.example", dns.TypeA, "192.0.2.1")
}

func TestTheCommandLineImportsEverythingOverRestarts(t *testing.T) {
	s, _ := upgradable(t)
	zones := map[string]string{}
	for i := range 3000 {
		zones[fmt.Sprintf("z%d.example", i)] = zoneFile("192.0.2.1")
	}
	imported := make(chan struct{})
	restarts := make(chan int, 1)
	go func() {
		for n := 0; ; n++ {
			select {
			case <-imported:
				restarts <- n
				return
			case <-time.After(200 * time.Millisecond):
			}
			if out, err := s.try("restart"); err != nil {
				t.Errorf("%s %v", out, err)
			}
		}
	}()
	out := s.run("zone", "import", writeZones(t, zones), "--wait=all")
	close(imported)
	if n := <-restarts; n == 0 {
		t.Error("it was over before a restart")
	}
	if !strings.Contains(out, "imported 3000 zones: 3000 new") {
		t.Error(out)
	}
	for _, i := range []int{0, 1234, 2999} {
		s.answers(fmt.Sprintf("www.z%d.example", i), dns.TypeA, "192.0.2.1")
	}
}
