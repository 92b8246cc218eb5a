package zonefleet

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"

	"github.com/zonefleet/zonefleet/internal/wire"
)

// Session is one open link. The methods of wire.Link deliver, report and end it.
type Session struct {
	*wire.Link
	Welcome     wire.Welcome
	Fingerprint string // of the server's key

	joined chan struct{}
}

// Link opens a link: it says h, and hands what comes in to r until the link ends. ctx bounds the opening only.
func (c *Client) Link(ctx context.Context, h wire.Hello, r wire.Receiver) (*Session, error) {
	s, err := c.openLink(ctx, h, r)
	if err != nil {
		return nil, fmt.Errorf("open link to %s: %w", c.opt.Address, err)
	}
	return s, nil
}

func (c *Client) openLink(ctx context.Context, h wire.Hello, r wire.Receiver) (*Session, error) {
	ctx, cancel := context.WithTimeout(ctx, dialTimeout+2*greetingTimeout)
	defer cancel()
	cn, err := c.connection(ctx)
	if err != nil {
		return nil, err
	}
	h.Protocol = c.opt.Versions
	stream, err := cn.openStream(ctx)
	if err != nil {
		return nil, err
	}
	l, w, err := wire.Greet(ctx, stream, h, c.opt.Link)
	if err != nil {
		return nil, linkRefusal(err)
	}
	if w.Facts.Fingerprint != cn.fingerprint {
		l.Close()
		return nil, fmt.Errorf("%w: it names a key other than the one it shows", ErrNotProved)
	}
	s := &Session{Link: l, Welcome: w, Fingerprint: cn.fingerprint, joined: make(chan struct{})}
	go func() {
		defer close(s.joined)
		l.Run(context.Background(), r) // ends with Close or the stream; Err tells why
	}()
	return s, nil
}

// Close ends the link at once and waits for all that it runs.
func (s *Session) Close() error {
	err := s.Link.Close()
	<-s.joined
	return err
}

// Err says why the link ended, in the words of this package; nil while it runs.
func (s *Session) Err() error { return linkRefusal(s.Link.Err()) }

// linkRefusal gives the end of a link that the other side announced the sentinel that a refused request has.
func linkRefusal(err error) error {
	var bye *wire.ByeError
	if !errors.As(err, &bye) {
		return err
	}
	sentinels := map[wire.Reason]error{
		wire.ReasonOff:      ErrOff,
		wire.ReasonDisabled: ErrDisabled,
		wire.ReasonRemoved:  ErrToken,
		wire.ReasonRefused:  ErrForbidden,
	}
	if s := sentinels[bye.Reason]; s != nil {
		return fmt.Errorf("%w: %w", s, bye)
	}
	return err
}

// stream makes one request and its answer an io.ReadWriteCloser.
type stream struct {
	up     *io.PipeWriter
	down   io.ReadCloser
	cancel context.CancelFunc
	once   sync.Once
}

// openStream returns when the server has accepted the request. ctx bounds that; the stream lives on.
func (c *conn) openStream(ctx context.Context) (*stream, error) {
	life, cancel := context.WithCancel(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, cancel)
	body, up := io.Pipe()
	res, err := c.send(life, http.MethodPost, wire.PathLink, body)
	if !stop() { // cancelled by us because ctx ended: its error tells a time-out from a cancellation
		if err == nil {
			res.Body.Close()
		}
		err = fmt.Errorf("%w: %w", ErrConnect, ctx.Err())
	}
	if err != nil {
		cancel()
		up.Close()
		return nil, err
	}
	return &stream{up: up, down: res.Body, cancel: cancel}, nil
}

func (s *stream) Read(p []byte) (int, error)  { return s.down.Read(p) }
func (s *stream) Write(p []byte) (int, error) { return s.up.Write(p) }

// Close resets the stream; reads and writes that wait return.
func (s *stream) Close() error {
	var err error
	s.once.Do(func() {
		s.cancel()
		err = errors.Join(s.up.Close(), s.down.Close())
	})
	return err
}
