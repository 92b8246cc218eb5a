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
	"testing"
	"time"

	"github.com/zonefleet/zonefleet/internal/zone"
)

// childFolder is the environment variable that makes the test binary a process that commits until it is killed.
const childFolder = "ZONEFLEET_TEST_STORE"

// commitUntilKilled writes stamps from four writers and prints each acknowledged one: zone number, counter.
func commitUntilKilled(dir string) int {
	s, err := Open(dir, Options{})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	go s.Run(context.Background())
	var print sync.Mutex
	for writer := range 4 {
		go func() {
			for i := 0; ; i++ {
				z := writer*10 + i%5
				p, err := stamp(s, numbered(z))
				if err != nil {
					fmt.Fprintln(os.Stderr, err)
					os.Exit(1)
				}
				print.Lock()
				fmt.Println(z, p)
				print.Unlock()
			}
		}()
	}
	select {}
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

// killedChild runs the test binary as a committing process, kills it, and returns what it had acknowledged.
func killedChild(t *testing.T, dir string) map[int]uint64 {
	t.Helper()
	child := exec.Command(os.Args[0])
	child.Env = append(os.Environ(), childFolder+"="+dir)
	child.Stderr = os.Stderr
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	acked := map[int]uint64{}
	until := 100 + rand.IntN(200)
	lines := bufio.NewScanner(out)
	watchdog := time.AfterFunc(20*time.Second, func() { child.Process.Kill() })
	defer watchdog.Stop()
	for n := 0; lines.Scan(); n++ {
		if n == until {
			child.Process.Kill()
		}
		z, counter, whole := strings.Cut(lines.Text(), " ")
		number, err1 := strconv.Atoi(z)
		c, err2 := strconv.ParseUint(counter, 10, 64)
		if whole && err1 == nil && err2 == nil { // the last line may be cut
			acked[number] = max(acked[number], c)
		}
	}
	if err := child.Wait(); err == nil || len(acked) < 4 {
		t.Fatalf("the child ended by itself (%v) after %d zones", err, len(acked))
	}
	return acked
}
