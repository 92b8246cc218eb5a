package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"time"
)

// interval is how often a storm says where it is.
const interval = 10 * time.Second

func (s *storm) report(ctx context.Context) {
	tick := time.NewTicker(interval)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			s.line()
		}
	}
}

func (s *storm) line() {
	n := s.ledger.count()
	wrong, reads := s.findings.all()
	var up []string
	for _, srv := range s.servers {
		if srv.alive() {
			up = append(up, srv.name[:1])
		}
	}
	fmt.Fprintf(s.out, "%4.0f s  acknowledged %d, no change %d, refused %d, unknown %d, held %d; %d reads, %d wrong; running: %s; faults: %s\n",
		time.Since(s.began).Seconds(), n[acknowledged], n[unchanged], n[refusedByServer], n[unknown], n[held], reads, len(wrong),
		strings.Join(up, ""), s.log.active())
}

// table prints what became of the acknowledged changes.
func table(out io.Writer, v verdict) {
	rows := []struct {
		name string
		n    int
	}{
		{"acknowledged", v.acknowledged},
		{"served", v.count[served]},
		{"in conflicts", v.count[inConflict]},
		{"replaced by one that saw it", v.count[replaced]},
		{"lost with the disk", v.count[lostWithDisk]},
		{"lost", v.count[lost]},
		{"held", v.held},
	}
	fmt.Fprintln(out)
	for _, r := range rows {
		fmt.Fprintf(out, "| %-28s| %7d |\n", r.name, r.n)
	}
	fmt.Fprintln(out)
}

// faultLog says when what happened, for the analysis afterwards.
type faultLog struct {
	path  string
	began time.Time
	mu    sync.Mutex
	file  *os.File
	now   map[string]bool
}

func newFaultLog(path string, began time.Time) (*faultLog, error) {
	file, err := os.Create(path)
	if err != nil {
		return nil, err
	}
	return &faultLog{path: path, began: began, file: file, now: map[string]bool{}}, nil
}

func (l *faultLog) close() { l.file.Close() }

func (l *faultLog) say(text string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	fmt.Fprintf(l.file, "%s %8.3f %s\n", time.Now().UTC().Format("15:04:05.000"), time.Since(l.began).Seconds(), text)
}

// begin and end bracket a fault.
func (l *faultLog) begin(fault string) {
	l.say("begin " + fault)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.now[fault] = true
}

func (l *faultLog) end(fault string) {
	l.say("end " + fault)
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.now, fault)
}

func (l *faultLog) active() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.now) == 0 {
		return "none"
	}
	var list []string
	for f := range l.now {
		list = append(list, f)
	}
	return strings.Join(list, ", ")
}
