package sim

import (
	"fmt"
	"io"
	"strings"
	"sync"
	"testing"
	"time"
)

// progress tells who waits for many random runs how far they are, and at once which went wrong.
type progress struct {
	mu          sync.Mutex
	out         io.Writer
	all         int
	done, wrong int
	began, said time.Time
}

// sayEvery is how often it is told how far the runs are. Few runs are over before.
const sayEvery = 10 * time.Second

func newProgress(out io.Writer, all int) *progress {
	now := time.Now()
	return &progress{out: out, all: all, began: now, said: now}
}

// tell says at once what the tests say at their end.
func tell(out io.Writer, run string, wrong []string) {
	fmt.Fprintf(out, "%s went wrong: %s\n", run, strings.Join(wrong, "; "))
}

// ended counts a run.
func (p *progress) ended(seed uint64, wrong []string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.done++
	if len(wrong) > 0 {
		p.wrong++
		tell(p.out, fmt.Sprintf("seed %d", seed), wrong)
		fmt.Fprintf(p.out, "  again: make sim SEEDS=1 SEED=%d\n", seed)
	}
	if last := p.done == p.all && p.said != p.began; !last && time.Since(p.said) < sayEvery {
		return
	}
	p.said = time.Now()
	fmt.Fprintf(p.out, "%d of %d runs in %s, %d wrong\n", p.done, p.all, time.Since(p.began).Round(time.Second), p.wrong)
}

func TestProgressNamesWhatWentWrongAndHowToRepeatIt(t *testing.T) {
	var out strings.Builder
	p := newProgress(&out, 3)
	p.ended(7, nil)
	p.ended(8, []string{"ns1 has lost a change", "and more"})
	const want = "seed 8 went wrong: ns1 has lost a change; and more\n  again: make sim SEEDS=1 SEED=8\n"
	if out.String() != want {
		t.Errorf("said %q, want %q", out.String(), want)
	}
	p.said = p.said.Add(-sayEvery)
	p.ended(9, nil)
	if got := strings.TrimPrefix(out.String(), want); got != "3 of 3 runs in 0s, 1 wrong\n" {
		t.Errorf("said %q", got)
	}
}
