package wire

import (
	"context"
	"fmt"
	"io"
)

// Greet starts a link on the side that dialled: it sends h and returns the other side's answer. ctx bounds the greeting
// only. With an error the stream is closed; a *ByeError is the other side's refusal.
func Greet(ctx context.Context, stream io.ReadWriteCloser, h Hello, opt Options) (*Link, Welcome, error) {
	l := newLink(stream, opt)
	var w Welcome
	err := l.within(ctx, func() error {
		payload, err := h.append(nil)
		if err != nil {
			return err
		}
		if err := l.out.write(frame{kind: TypeHello, payload: payload}); err != nil {
			return err
		}
		f, err := l.firstFrame(TypeWelcome)
		if err != nil {
			return err
		}
		if w, err = decodeWelcome(f.payload); err != nil {
			return err
		}
		if v := h.Protocol.orOwn(); w.Protocol < v.Min || w.Protocol > v.Max {
			return fmt.Errorf("%w: welcome in version %d, offered were %s", ErrProtocol, w.Protocol, v)
		}
		return nil
	})
	if err != nil {
		return nil, Welcome{}, fmt.Errorf("greet: %w", err)
	}
	return l, w, nil
}

// Answer decides about a Hello. The link is given so that whoever may end it knows it before the other side does; it
// runs later. An error refuses the Hello: a *ByeError is sent as it is, of another error its text.
type Answer func(l *Link, h Hello) (Welcome, error)

// Accept starts a link on the side that was dialled. ctx bounds the greeting only. With an error the stream is closed.
func Accept(ctx context.Context, stream io.ReadWriteCloser, own Versions, opt Options, answer Answer) (*Link, error) {
	l := newLink(stream, opt)
	err := l.within(ctx, func() error {
		f, err := l.firstFrame(TypeHello)
		if err != nil {
			return err
		}
		h, err := decodeHello(f.payload)
		if err != nil {
			return err
		}
		version, err := own.Common(h.Protocol)
		if err != nil {
			return l.refuse(ReasonVersion, err)
		}
		w, err := answer(l, h)
		if err != nil {
			return l.refuse(ReasonRefused, err)
		}
		w.Protocol = version
		payload, err := w.append(nil)
		if err != nil {
			return err
		}
		return l.out.write(frame{kind: TypeWelcome, payload: payload})
	})
	if err != nil {
		return nil, fmt.Errorf("accept link: %w", err)
	}
	return l, nil
}

// within runs the greeting and closes the stream when it fails or ctx ends before.
func (l *Link) within(ctx context.Context, greeting func() error) error {
	closed := make(chan struct{})
	stop := context.AfterFunc(ctx, func() { l.stream.Close(); close(closed) })
	err := greeting()
	if !stop() {
		<-closed // nobody touches the stream after this function has failed
		err = ctx.Err()
	}
	if err != nil {
		l.end(err)
		l.in.close()
	}
	return err
}

// firstFrame reads the frame that must come first; Bye in its place is a refusal.
func (l *Link) firstFrame(want Type) (frame, error) {
	for {
		f, err := l.in.read()
		if err != nil {
			return frame{}, err
		}
		switch {
		case f.kind == want && !f.more:
			return f, nil
		case f.kind == TypeBye && !f.more:
			bye, err := decodeBye(f.payload)
			if err != nil {
				return frame{}, err
			}
			return frame{}, bye
		case f.kind&mayIgnore == 0:
			return frame{}, fmt.Errorf("%w: frame of type %d before the greeting", ErrProtocol, f.kind)
		}
	}
}

func (l *Link) refuse(why Reason, cause error) error {
	bye, ok := cause.(*ByeError)
	if !ok {
		bye = &ByeError{Reason: why, Detail: cause.Error()}
	}
	if err := l.out.write(frame{kind: TypeBye, payload: appendBye(nil, *bye)}); err != nil {
		return err
	}
	return cause
}
