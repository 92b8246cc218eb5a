package test

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/miekg/dns"
)

// load asks one server again and again and knows of each question whether it was answered.
type load struct {
	t        *testing.T
	server   string
	began    time.Time
	stop     chan struct{}
	all      sync.WaitGroup
	sent     atomic.Int64
	answered atomic.Int64
	wrong    atomic.Int64
	why      sync.Map // of what is wrong
}

// The rates of a load: questions a second by UDP, and by TCP, half of those over a connection that stays.
const (
	udpRate   = 1000
	tcpRate   = 100
	patience  = 5 * time.Second // after which a question counts as lost
	udpAskers = 4
)

func startLoad(t *testing.T, server string) *load {
	t.Helper()
	l := &load{t: t, server: server, began: time.Now(), stop: make(chan struct{})}
	for range udpAskers {
		l.all.Go(l.askUDP)
	}
	l.all.Go(func() { l.askTCP(true) })
	l.all.Go(func() { l.askTCP(false) })
	return l
}

// end stops asking, waits for the last answers and fails the test if one question was lost.
func (l *load) end() {
	l.t.Helper()
	took := time.Since(l.began)
	close(l.stop)
	l.all.Wait()
	if lost := l.sent.Load() - l.answered.Load(); lost != 0 || l.wrong.Load() != 0 || l.sent.Load() == 0 {
		l.t.Errorf("of %d questions %d were lost, %d answered wrongly", l.sent.Load(), lost, l.wrong.Load())
		l.why.Range(func(k, _ any) bool { l.t.Log(k); return true })
	}
	l.t.Logf("%d questions, %d a second; %d answers", l.sent.Load(), int(float64(l.sent.Load())/took.Seconds()), l.answered.Load())
}

// askUDP sends at its rate, each question with an id of its own, whether the one before is answered or not.
func (l *load) askUDP() {
	conn, err := net.Dial("udp", l.server)
	if err != nil {
		l.t.Error(err)
		return
	}
	defer conn.Close()
	_ = conn.(*net.UDPConn).SetReadBuffer(4 << 20) // as much as is to be had: a test that is late must not lose answers
	var asked [1 << 16]atomic.Int64                // when, in milliseconds since the beginning; 0: not, or answered
	var waiting atomic.Int64
	done := make(chan struct{})
	go func() {
		defer close(done)
		b := make([]byte, 1500)
		for {
			n, err := conn.Read(b)
			if errors.Is(err, net.ErrClosed) || errors.Is(err, os.ErrDeadlineExceeded) {
				return
			}
			if err != nil { // a port that is closed for a moment answers with an error
				continue
			}
			if asked[binary.BigEndian.Uint16(b)].Swap(0) != 0 {
				waiting.Add(-1)
				l.check(b[:n])
			}
		}
	}()
	l.send(conn, &asked, &waiting)
	for end := time.Now().Add(patience); waiting.Load() > 0 && time.Now().Before(end); {
		time.Sleep(10 * time.Millisecond)
	}
	_ = conn.SetReadDeadline(time.Now())
	<-done
	for i := range asked {
		if at := asked[i].Load(); at != 0 {
			l.why.Store(fmt.Sprintf("lost in second %.1f", math.Floor(float64(at)/100)/10), true)
		}
	}
	if n := droppedAt(conn.LocalAddr()); n != "0" {
		l.why.Store(n+" answers came and were not read in time by this test", true)
	}
}

// droppedAt is how many packets did not fit into a socket of this process (the last column of proc_net_udp(5)).
func droppedAt(local net.Addr) string {
	text, err := os.ReadFile("/proc/net/udp")
	if err != nil {
		return err.Error()
	}
	port := fmt.Sprintf(":%04X", local.(*net.UDPAddr).Port)
	for line := range strings.Lines(string(text)) {
		if f := strings.Fields(line); len(f) > 12 && strings.HasSuffix(f[1], port) {
			return f[12]
		}
	}
	return "0"
}

func (l *load) send(conn net.Conn, asked *[1 << 16]atomic.Int64, waiting *atomic.Int64) {
	tick := time.NewTicker(time.Second * udpAskers / udpRate)
	defer tick.Stop()
	began, sent := time.Now(), 0.0
	for id := uint16(1); ; id++ {
		if sent++; sent > time.Since(began).Seconds()*udpRate/udpAskers { // ticks that a busy machine left out are made up for
			select {
			case <-l.stop:
				return
			case <-tick.C:
			}
		}
		question := new(dns.Msg).SetQuestion("www.example.com.", dns.TypeA)
		question.Id = id
		b, err := question.Pack()
		if err != nil {
			l.t.Error(err)
			return
		}
		if asked[id].Load() != 0 {
			continue // it counts as lost already
		}
		asked[id].Store(time.Since(l.began).Milliseconds() + 1)
		l.sent.Add(1)
		waiting.Add(1)
		if _, err := conn.Write(b); err != nil {
			l.why.Store(fmt.Sprintf("udp: %v", err), true)
		}
	}
}

// askTCP asks one question after the other. A server may close a connection between two questions (RFC 7766 section 6.2.3):
// then the question is asked again over another one, as a client has to.
func (l *load) askTCP(keep bool) {
	c := &dns.Client{Net: "tcp", Timeout: patience}
	var conn *dns.Conn
	for {
		select {
		case <-l.stop:
			return
		case <-time.After(2 * time.Second / tcpRate):
		}
		l.sent.Add(1)
		q := new(dns.Msg).SetQuestion("www.example.com.", dns.TypeA)
		for try := 0; ; try++ {
			fresh := conn == nil
			var err error
			if fresh {
				conn, err = c.Dial(l.server)
			}
			var m *dns.Msg
			if err == nil {
				m, _, err = c.ExchangeWithConn(q, conn)
			}
			if err == nil {
				b, _ := m.Pack()
				l.check(b)
				break
			}
			conn = nil
			if fresh || try > 0 {
				l.why.Store(fmt.Sprintf("tcp: %v", err), true)
				break
			}
		}
		if conn != nil && !keep {
			conn.Close()
			conn = nil
		}
	}
}

func (l *load) check(b []byte) {
	l.answered.Add(1)
	var m dns.Msg
	if err := m.Unpack(b); err != nil || m.Rcode != dns.RcodeSuccess || strings.Join(data(m.Answer, dns.TypeA), " ") != "192.0.2.1" {
		l.wrong.Add(1)
		l.why.Store(fmt.Sprintf("%v %v", dns.RcodeToString[m.Rcode], err), true)
	}
}

// pid is the process that has the data folder now.
func (s *server) pid() int {
	b, err := os.ReadFile(filepath.Join(s.dir, "zonefleet.pid"))
	if err != nil {
		return 0
	}
	pid, _ := strconv.Atoi(strings.TrimSpace(string(b)))
	return pid
}

// endPID ends a server that took over from the one that the test started.
func endPID(t *testing.T, pid int) {
	t.Helper()
	if pid == 0 {
		return
	}
	_ = syscall.Kill(pid, syscall.SIGTERM)
	eventually(t, 20*time.Second, "the last process ends", func() error {
		if err := syscall.Kill(pid, 0); err == nil {
			return errors.New("it is still there")
		}
		return nil
	})
}

// upgradable is a server that runs from a program file of its own, which the test may replace.
func upgradable(t *testing.T) (s *server, file string) {
	t.Helper()
	file = filepath.Join(t.TempDir(), "zonefleet")
	replace(t, program, file)
	s = newServer(t, "ns1.zonefleet.test")
	s.other = file
	s.start()
	s.other = "" // commands are given with a program that works
	t.Cleanup(func() {
		if pid := s.pid(); pid != 0 && (s.cmd == nil || pid != s.cmd.Process.Pid) {
			endPID(t, pid)
		}
	})
	s.run("zone", "import", writeZones(t, map[string]string{"example.com": zoneFile("192.0.2.1")}), "--wait=all")
	s.answers("www.example.com", dns.TypeA, "192.0.2.1")
	return s, file
}

// replace puts a program in the place of another. It is a link and no copy: a file that was just written cannot be run while
// another child of the test still has it open.
func replace(t *testing.T, from, to string) {
	t.Helper()
	if err := errors.Join(os.RemoveAll(to), os.Link(from, to)); err != nil {
		t.Fatal(err)
	}
}

// script puts a shell script in the place of the program.
func script(t *testing.T, to, text string) {
	t.Helper()
	if err := errors.Join(os.WriteFile(to+".new", []byte("#!/bin/sh\n"+text+"\n"), 0o755), os.Rename(to+".new", to)); err != nil {
		t.Fatal(err)
	}
}

func TestUpgradesLoseNoQueryAndNoWrite(t *testing.T) {
	s, file := upgradable(t)
	l := startLoad(t, s.dns)
	w := startWrites(t, s)
	last := s.pid()
	for range 4 {
		replace(t, program, file)
		time.Sleep(300 * time.Millisecond)
		s.run("restart")
		if now := s.pid(); now == last || now == 0 {
			t.Errorf("process %d, before it was %d", now, last)
		} else {
			last = now
		}
	}
	time.Sleep(300 * time.Millisecond)
	l.end()
	w.end()
}

func TestAProgramThatDoesNotTakeOverChangesNothing(t *testing.T) {
	for name, text := range map[string]string{
		"ends at once":                "exit 3",
		"hangs":                       "exec sleep 100",
		"says nothing sensible":       `eval "echo nonsense >&$ZONEFLEET_HANDOVER"; exec sleep 100`,
		"ends with the data":          `eval "echo hello 1 broken >&$ZONEFLEET_HANDOVER"; sleep 0.3; exit 1`,
		"hangs with the data":         `eval "echo hello 1 broken >&$ZONEFLEET_HANDOVER"; exec sleep 100`,
		"loads, but never to its end": `eval "echo hello 1 broken >&$ZONEFLEET_HANDOVER"; eval "echo loading 1 >&$ZONEFLEET_HANDOVER"; exec sleep 100`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, file := upgradable(t)
			before := s.pid()
			l := startLoad(t, s.dns)
			w := startWrites(t, s)
			script(t, file, text)
			out, err := s.try("restart", "--standstill", "2s")
			if err == nil || !strings.Contains(err.Error(), "did not take over") {
				t.Errorf("%s, %v", out, err)
			}
			if now := s.pid(); now != before {
				t.Errorf("process %d, before it was %d", now, before)
			}
			replace(t, program, file)
			s.run("restart")
			if now := s.pid(); now == before {
				t.Error("a good program did not take over after a bad one")
			}
			l.end()
			w.end()
		})
	}
}

// writes sets one record after the other, each in a command of its own.
type writes struct {
	t     *testing.T
	s     *server
	stop  chan struct{}
	done  chan struct{}
	named []string // that were acknowledged
}

func startWrites(t *testing.T, s *server) *writes {
	w := &writes{t: t, s: s, stop: make(chan struct{}), done: make(chan struct{})}
	go w.run()
	return w
}

func (w *writes) run() {
	defer close(w.done)
	for i := 0; ; i++ {
		select {
		case <-w.stop:
			return
		default:
		}
		name := fmt.Sprintf("w%d", i)
		if out, err := w.s.try("record", "set", "example.com", name, "300", "A", "192.0.2.9", "--wait=all"); err != nil {
			w.t.Errorf("write %d was not taken: %v %s", i, err, out)
		} else {
			w.named = append(w.named, name)
		}
	}
}

// end fails the test if a write that was acknowledged is not there.
func (w *writes) end() {
	w.t.Helper()
	close(w.stop)
	<-w.done
	if len(w.named) == 0 {
		w.t.Error("nothing was written")
	}
	for _, name := range w.named {
		w.s.answers(name+".example.com", dns.TypeA, "192.0.2.9")
	}
	w.t.Logf("%d writes", len(w.named))
}
