package store

import (
	"bufio"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/cockroachdb/pebble/v2/vfs/errorfs"

	"github.com/zonefleet/zonefleet/internal/zone"
)

// childFolder is the environment variable that makes the test binary a process that commits until it is killed;
// childFault makes its disk fail after a while.
const (
	childFolder = "ZONEFLEET_TEST_STORE"
	childFault  = "ZONEFLEET_TEST_FAULT"
)

// child writes stamps from four writers and prints each acknowledged one: zone number, counter. It ends when it is
// killed, or when the committer ends.
func child(dir string) int {
	o := Options{}
	fault := &fault{err: syscall.EIO, when: onManifest}
	if os.Getenv(childFault) != "" {
		o.FS = errorfs.Wrap(vfs.Default, fault)
	}
	s, err := Open(dir, o)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	fault.on.Store(true)
	var print sync.Mutex
	for writer := range 4 {
		go func() {
			for i := 0; ; i++ {
				z := writer*10 + i%5
				p, err := stamp(s, numbered(z))
				if err != nil {
					return
				}
				print.Lock()
				fmt.Println(z, p)
				print.Unlock()
				if o.FS != nil && writer == 0 && i == 20 {
					s.db.AsyncFlush() // its end is what writes the manifest
				}
			}
		}()
	}
	err = s.Run(context.Background())
	print.Lock()
	_, _, total, listErr := s.Heads(Query{IncludeDeleted: true})
	fmt.Fprintf(os.Stderr, "run: %v; %d zones are read, error %v; close: %v\n", err, total, listErr, s.Close())
	return 3
}

// stamp commits one more change of all keys of the zone and returns its counter.
func stamp(s *Store, z zone.Name) (counter uint64, err error) {
	_, err = s.Commit(context.Background(), z, func(tx *Tx) error {
		st, err := tx.State()
		if err != nil {
			return err
		}
		counter = st.Vector[nodeA] + 1
		values := birth(z, 0)
		for k := range stampedKeys {
			values[aKey(z, ownerIn(z, k))] = address(int(counter))
		}
		tx.Put(st, write(st, nodeA, zone.Millis(counter), values), Entry{Time: zone.Millis(counter)})
		return nil
	})
	return counter, err
}

// kill -9 of a process that commits loses nothing that it had acknowledged, again and again in one folder.
func TestAKilledProcessLosesNothingAcknowledged(t *testing.T) {
	dir := t.TempDir()
	for range 3 {
		acked := killedChild(t, dir)
		s, stop := openStore(t, dir, Options{})
		checkWhole(t, s)
		for z, counter := range acked {
			checkStamp(t, s, numbered(z), "acknowledged", counter)
		}
		stop()
	}
}

// A manifest is written only by work in the background, and its failure ends that work for good: the process ends with
// the cause, reads go on until then, and the folder is whole.
func TestAManifestThatFailsEndsTheProcessWithItsCause(t *testing.T) {
	dir := t.TempDir()
	c := exec.Command(os.Args[0])
	c.Env = append(os.Environ(), childFolder+"="+dir, childFault+"=1")
	var said strings.Builder
	c.Stderr = &said
	acked := watch(t, c, -1)
	if code := c.ProcessState.ExitCode(); code != 3 {
		t.Fatalf("exit code %d: %s", code, said.String())
	}
	for _, want := range []string{"run: " + ErrFailed.Error(), syscall.EIO.Error(), "20 zones are read, error <nil>; close: <nil>"} {
		if !strings.Contains(said.String(), want) {
			t.Errorf("the process does not say %q: %s", want, said.String())
		}
	}
	s, _ := openStore(t, dir, Options{})
	checkWhole(t, s)
	for z, counter := range acked {
		checkStamp(t, s, numbered(z), "acknowledged", counter)
	}
}

// killedChild runs the test binary as a committing process, kills it, and returns what it had acknowledged.
func killedChild(t *testing.T, dir string) map[int]uint64 {
	t.Helper()
	c := exec.Command(os.Args[0])
	c.Env = append(os.Environ(), childFolder+"="+dir)
	c.Stderr = os.Stderr
	acked := watch(t, c, 100+rand.IntN(200))
	if c.ProcessState.Exited() || len(acked) < 4 {
		t.Fatalf("the child ended by itself after %d zones", len(acked))
	}
	return acked
}

// watch runs a child, kills it after the given number of acknowledged commits, and returns what was acknowledged.
func watch(t *testing.T, c *exec.Cmd, until int) map[int]uint64 {
	t.Helper()
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	watchdog := time.AfterFunc(20*time.Second, func() { c.Process.Kill() })
	defer watchdog.Stop()
	acked := map[int]uint64{}
	lines := bufio.NewScanner(out)
	for n := 0; lines.Scan(); n++ {
		if n == until {
			c.Process.Kill()
		}
		z, counter, whole := strings.Cut(lines.Text(), " ")
		number, err1 := strconv.Atoi(z)
		c, err2 := strconv.ParseUint(counter, 10, 64)
		if whole && err1 == nil && err2 == nil { // the last line may be cut
			acked[number] = max(acked[number], c)
		}
	}
	_ = c.Wait() // how it ended is in its state
	return acked
}
