package node

import (
	"bufio"
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/zonefleet/zonefleet/internal/wire"
)

func traced(t *testing.T) (log *traceLog, dir string) {
	t.Helper()
	dir = filepath.Join(t.TempDir(), "log")
	log = newTraceLog(dir)
	t.Cleanup(func() {
		if err := log.Close(); err != nil {
			t.Error(err)
		}
	})
	return log, dir
}

func lines(t *testing.T, path string) (all []map[string]any) {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for s := bufio.NewScanner(f); s.Scan(); {
		var line map[string]any
		if err := json.Unmarshal(s.Bytes(), &line); err != nil {
			t.Fatalf("%s: %v", s.Text(), err)
		}
		all = append(all, line)
	}
	return all
}

func TestATransactionIsALineOfJSONWithoutContent(t *testing.T) {
	log, dir := traced(t)
	log.of("ns1.test")(wire.Transaction{
		Sent: true, What: "change", Zone: name(t, "shop.test"), Serial: 2026112301, Bytes: 321, Took: 1500 * time.Microsecond, Result: "stored",
	})
	log.of("ns2.test")(wire.Transaction{What: "exists", Result: "answered"})
	got := lines(t, filepath.Join(dir, traceFile))
	for _, line := range got {
		if at, err := time.Parse(time.RFC3339Nano, line["time"].(string)); err != nil || time.Since(at) > time.Minute {
			t.Errorf("time %v", line["time"])
		}
		delete(line, "time")
	}
	want := []map[string]any{
		{
			"member": "ns1.test", "direction": "sent", "what": "change", "zone": "shop.test", "serial": 2026112301.0, "bytes": 321.0,
			"ms": 1.5, "result": "stored",
		},
		{"member": "ns2.test", "direction": "received", "what": "exists", "bytes": 0.0, "ms": 0.0, "result": "answered"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("lines (-want +got):\n%s", diff)
	}
	for path, mode := range map[string]os.FileMode{dir: 0o700, filepath.Join(dir, traceFile): 0o600} {
		if info, err := os.Stat(path); err != nil || info.Mode().Perm() != mode {
			t.Errorf("%s: %v, %v", path, info.Mode(), err)
		}
	}
}

// full makes the log believe that its file has reached its size.
func (t *traceLog) full() { t.size = traceSize }

func TestTheLogKeepsFiveFilesAndDropsTheOldest(t *testing.T) {
	log, dir := traced(t)
	for _, what := range []string{"0", "1", "2", "3", "4", "5", "6"} {
		log.of("ns1.test")(wire.Transaction{What: what})
		log.full()
	}
	held := map[string]any{}
	files, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		for _, line := range lines(t, f) {
			held[filepath.Base(f)] = line["what"]
		}
	}
	want := map[string]any{"cluster.log": "6", "cluster.log.1": "5", "cluster.log.2": "4", "cluster.log.3": "3", "cluster.log.4": "2"}
	if diff := cmp.Diff(want, held); diff != "" {
		t.Errorf("files (-want +got):\n%s", diff)
	}
}

func TestTheLogGoesOnWhereItEnded(t *testing.T) {
	log, dir := traced(t)
	log.of("ns1.test")(wire.Transaction{What: "before"})
	again := newTraceLog(dir)
	again.of("ns1.test")(wire.Transaction{What: "after"})
	if err := again.Close(); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(filepath.Join(dir, traceFile))
	if err != nil || again.size != info.Size() || len(lines(t, filepath.Join(dir, traceFile))) != 2 {
		t.Errorf("counts %d octets of %d, %v", again.size, info.Size(), err)
	}
}

func TestLinesOfSeveralMembersAreNotMixed(t *testing.T) {
	log, dir := traced(t)
	var all sync.WaitGroup
	for _, member := range []string{"ns1.test", "ns2.test", "ns3.test"} {
		all.Go(func() {
			for range 100 {
				log.of(member)(wire.Transaction{What: strings.Repeat("x", 100)})
			}
		})
	}
	all.Wait()
	count := map[any]int{}
	for _, line := range lines(t, filepath.Join(dir, traceFile)) {
		count[line["member"]]++
	}
	if got := slices.Collect(maps.Values(count)); !slices.Equal(got, []int{100, 100, 100}) {
		t.Errorf("lines %v", count)
	}
}

func TestALogThatCannotBeWrittenStopsNobody(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "log")
	if err := os.WriteFile(dir, nil, 0o600); err != nil { // where the folder should be
		t.Fatal(err)
	}
	log := newTraceLog(dir)
	log.of("ns1.test")(wire.Transaction{What: "change"})
	if err := log.Close(); err != nil {
		t.Error(err)
	}
}
