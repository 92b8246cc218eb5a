package peer

import (
	"context"
	"errors"
	"io"
	"net/http"
	"sync"
	"time"

	"github.com/zonefleet/zonefleet/internal/wire"
)

// holder is whose a link is.
type holder struct {
	caller   Caller
	instance string
	since    time.Time
}

// link runs one link for as long as the request lasts.
func (d *Door) link(w http.ResponseWriter, r *http.Request) {
	caller, answers, err := d.authenticate(w, r)
	if err != nil {
		d.refuse(w, r, err)
		return
	}
	if !d.enter() {
		d.refuse(w, r, problem(wire.CodeBusy, "no further links are taken"))
		return
	}
	defer d.leave()
	s := newStream(w, r)
	if err := s.start(); err != nil {
		return // the caller is gone
	}
	if err := d.runLink(r.Context(), s, caller, answers); err != nil {
		d.opt.Logger.Debug("link ended", "from", caller.Address, "token", caller.TokenID, "err", err)
	}
}

// enter counts a handler in, unless the door is closed or full.
func (d *Door) enter() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.closed || d.inside >= d.opt.MaxLinks {
		return false
	}
	d.inside++
	d.joined.Add(1)
	return true
}

func (d *Door) leave() {
	d.mu.Lock()
	d.inside--
	d.mu.Unlock()
	d.joined.Done()
}

func (d *Door) runLink(ctx context.Context, s *stream, caller Caller, answers Answers) error {
	greeting, cancel := context.WithTimeout(ctx, greetingTimeout)
	defer cancel()
	var rec Reception // set before the link runs
	opt := d.opt.Link
	opt.Trace = func(t wire.Transaction) {
		if rec.Trace != nil {
			rec.Trace(t)
		}
	}
	var listed *wire.Link
	defer func() { d.unlist(listed) }()
	l, err := wire.Accept(greeting, s, d.opt.Versions, opt, func(l *wire.Link, h wire.Hello) (wire.Welcome, error) {
		h.Facts.Fingerprint = caller.Fingerprint // what it proved, whatever it says
		listed = l
		d.list(l, holder{caller, h.Instance, time.Now()}) // before Open: HangUp misses no link that Open let in
		var err error
		if rec, err = answers.Open(ctx, h); err != nil {
			return wire.Welcome{}, farewell(d.problemOf(s.request, err))
		}
		return rec.Welcome, nil
	})
	if err != nil {
		return err
	}
	ctx, end := context.WithCancel(ctx)
	var attending sync.WaitGroup
	if rec.Attend != nil {
		attending.Go(func() { rec.Attend(ctx, l) })
	}
	err = l.Run(ctx, rec.Receiver)
	end()
	attending.Wait()
	return err
}

// list notes a link, so that it can be hung up. The oldest of too many of one holder makes room: a caller that lost its
// connection without this side noticing is not kept out.
func (d *Door) list(l *wire.Link, h holder) {
	d.mu.Lock()
	defer d.mu.Unlock()
	var oldest *wire.Link
	n := 0
	for other, o := range d.links {
		if o.caller.TokenID != h.caller.TokenID || o.instance != h.instance {
			continue
		}
		if n++; oldest == nil || o.since.Before(d.links[oldest].since) {
			oldest = other
		}
	}
	if n >= linksPerHolder {
		oldest.Close()
	}
	d.links[l] = h
	if d.closed { // since enter
		l.Close()
	}
}

func (d *Door) unlist(l *wire.Link) {
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.links, l)
}

// farewell is a refusal in the words of a link.
func farewell(p *wire.Problem) error {
	bye := &wire.ByeError{Reason: wire.ReasonRefused, Detail: p.Message}
	switch p.Code {
	case wire.CodeOff:
		bye.Reason = wire.ReasonOff
	case wire.CodeDisabled:
		bye.Reason = wire.ReasonDisabled
	case wire.CodeToken:
		bye.Reason = wire.ReasonRemoved
	case wire.CodeInternal:
		bye.Reason = wire.ReasonFailed
	}
	return bye
}

// stream makes one HTTP/2 request and its answer an io.ReadWriteCloser.
type stream struct {
	io.Reader
	w       http.ResponseWriter
	control *http.ResponseController
	request *http.Request
}

func newStream(w http.ResponseWriter, r *http.Request) *stream {
	return &stream{Reader: r.Body, w: w, control: http.NewResponseController(w), request: r}
}

// start lifts the server's time limits and sends the head of the answer: from then on octets go both ways.
func (s *stream) start() error {
	err := errors.Join(s.control.EnableFullDuplex(),
		s.control.SetReadDeadline(time.Time{}), s.control.SetWriteDeadline(time.Time{}))
	if err != nil {
		return err
	}
	s.w.Header().Set("Content-Type", "application/octet-stream")
	s.w.WriteHeader(http.StatusOK)
	return s.control.Flush()
}

// Write sends at once.
func (s *stream) Write(p []byte) (int, error) {
	n, err := s.w.Write(p)
	if err != nil {
		return n, err
	}
	return n, s.control.Flush()
}

// Close ends reads and writes that wait. It must not be called after the handler has returned.
func (s *stream) Close() error {
	past := time.Unix(1, 0)
	return errors.Join(s.control.SetReadDeadline(past), s.control.SetWriteDeadline(past))
}
