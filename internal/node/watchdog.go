package node

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"time"

	"golang.org/x/net/dns/dnsmessage"

	"github.com/zonefleet/zonefleet/internal/systemd"
)

// watchdogParts is how often in its time the watchdog is answered: one look may fail, a hung process is restarted.
const watchdogParts = 4

// selfTime bounds one question to this server itself.
const selfTime = 2 * time.Second

// watchdog tells systemd that the process works, as long as it does: the committer commits, the nameserver answers.
func (f *front) watchdog(ctx context.Context) {
	every := f.systemd.WatchdogEvery() / watchdogParts
	if every <= 0 {
		return
	}
	tick := time.NewTicker(every)
	defer tick.Stop()
	for before := uint64(0); ; {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		answered := f.dns.Stats().UDP
		if err := f.health(ctx, every, answered > before); err != nil {
			f.log.Error("the watchdog is not answered", "err", err)
			continue
		}
		before = answered
		if err := f.systemd.Send(systemd.Watchdog, f.status()); err != nil {
			f.log.Warn("systemd was not told that the server works", "err", err)
		}
	}
}

// health says what of this process does not work. A nameserver that has answered others need not be asked: under a flood its
// own question would be lost among theirs.
func (f *front) health(ctx context.Context, limit time.Duration, answers bool) error {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	if n := f.life.Load(); n != nil {
		if err := n.store.Alive(ctx); err != nil {
			return fmt.Errorf("the database commits nothing: %w", err)
		}
	}
	if answers || !f.isLoaded() {
		return nil
	}
	var errs []error
	for _, a := range f.dns.Addrs() {
		err := askSelf(ctx, a)
		if err == nil {
			return nil
		}
		errs = append(errs, err)
	}
	if len(errs) == 0 {
		return nil // the host has no address now: no restart gives it one
	}
	return fmt.Errorf("the nameserver does not answer: %w", errors.Join(errs...))
}

// askSelf asks for the root's SOA: whatever the answer is, it is one.
func askSelf(ctx context.Context, a netip.AddrPort) error {
	d := net.Dialer{Timeout: selfTime}
	conn, err := d.DialContext(ctx, "udp", a.String())
	if err != nil {
		return err
	}
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(selfTime))
	b := dnsmessage.NewBuilder(nil, dnsmessage.Header{ID: 1})
	if err := errors.Join(b.StartQuestions(), b.Question(dnsmessage.Question{
		Name: dnsmessage.MustNewName("."), Type: dnsmessage.TypeSOA, Class: dnsmessage.ClassINET,
	})); err != nil {
		return err
	}
	question, err := b.Finish()
	if err != nil {
		return err
	}
	if _, err := conn.Write(question); err != nil {
		return err
	}
	answer := make([]byte, 512)
	n, err := conn.Read(answer)
	if err == nil && (n < 2 || binary.BigEndian.Uint16(answer) != 1) {
		err = errors.New("something else came back")
	}
	return err
}
