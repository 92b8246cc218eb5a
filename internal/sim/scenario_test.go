package sim

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// run plays a scenario in a world of its own and returns what went wrong, with the protocol of the run.
func run(t *testing.T, seed uint64, lines []string, out io.Writer) (wrong []string, protocol []string) {
	t.Helper()
	dir, err := tempDir()
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(dir)
	defer limit(t.Name(), *longest, func(why string) {
		debug.SetTraceback("all")
		panic(why)
	}).Stop()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(dir, seed, out)
		defer func() { wrong, protocol = w.oracle.wrong, w.said }()
		defer w.end()
		for i, line := range lines {
			if err := w.do(line); err != nil {
				w.oracle.broken("line %d, %s: %v", i+1, line, err)
				break
			}
			if len(w.oracle.wrong) > 0 {
				break
			}
		}
	})
	return wrong, protocol
}

// longest is how much real time one run may take. It is seconds; only a run in which something spins takes minutes, and
// nothing but the end of the process ends that: then it is said which run it was and what every goroutine does.
var longest = flag.Duration("longest", 10*time.Minute, "how long one run may take")

// limit calls late, once, when a run takes too long.
func limit(run string, most time.Duration, late func(why string)) *time.Timer {
	return time.AfterFunc(most, func() { late(fmt.Sprintf("%s has not ended in %s", run, most)) })
}

func TestARunThatDoesNotEndIsEndedAndNamed(t *testing.T) {
	said := make(chan string, 1)
	defer limit(t.Name(), time.Millisecond, func(why string) { said <- why }).Stop()
	if why := <-said; why != t.Name()+" has not ended in 1ms" {
		t.Errorf("said %q", why)
	}
	if limit(t.Name(), time.Hour, func(string) { t.Error("a run that ended is late") }).Stop() != true {
		t.Error("the limit goes on after the run")
	}
}

// tempDir is in memory where there is such a place: what lies there is synced for nothing.
func tempDir() (string, error) {
	dir, err := os.MkdirTemp("/dev/shm", "zonefleet-sim-")
	if err != nil {
		dir, err = os.MkdirTemp("", "zonefleet-sim-")
	}
	return dir, err
}

// Each scenario of testdata ends with everything in step and nothing lost, and with what it says itself.
func TestScenarios(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txt")
	if err = errors.Join(err); err != nil || len(files) == 0 {
		t.Fatalf("no scenarios: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			t.Parallel()
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			lines := append(strings.Split(string(text), "\n"), "settle")
			wrong, protocol := run(t, 1, lines, serverLogs())
			if len(wrong) > 0 {
				tell(os.Stderr, t.Name(), wrong)
				t.Errorf("%s\n\nin the run\n%s", strings.Join(wrong, "\n"), strings.Join(protocol, "\n"))
			}
		})
	}
}

// serverLogs is where the servers' logs go: nowhere, unless SIM_LOG is set.
func serverLogs() io.Writer {
	if os.Getenv("SIM_LOG") == "" {
		return io.Discard
	}
	return os.Stderr
}
