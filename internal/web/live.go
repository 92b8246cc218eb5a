package web

import (
	"bytes"
	"context"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/a-h/templ"

	"github.com/zonefleet/zonefleet/internal/control"
)

const (
	// liveEvery is how often live parts are looked at; they are sent when they have changed. What takes long is looked at
	// less often: liveShare is how many times as long as it took nothing is done then.
	liveEvery = time.Second
	liveShare = 20
	// liveSilence is how long nothing may be sent: a proxy or a dead connection would not be noticed otherwise.
	liveSilence = 15 * time.Second
	// maxStreams bounds the pages that are kept fresh at once, each of which is looked at every second. More of them show
	// what they showed when they were loaded.
	maxStreams = 64
)

// streams is what all streams share.
type streams struct {
	open   atomic.Int32
	ending context.Context // ends when the server does
	end    context.CancelFunc
}

// live sends what look renders, at once and whenever it has changed, until the browser is gone, the session has ended or
// the server ends. What it renders are hx-partial elements, each of which says which part of the page it replaces.
func (v *Visit) live(look func() (templ.Component, error)) error {
	st := &v.server.streams
	defer st.open.Add(-1)
	if st.open.Add(1) > maxStreams {
		return &control.Error{Code: control.CodeUnavailable, Message: "too many pages are kept fresh; this one shows what it showed when it was loaded"}
	}
	h := v.w.Header()
	h.Set("Content-Type", "text/event-stream")
	h.Set("X-Accel-Buffering", "no")
	out := http.NewResponseController(v.w)
	var last []byte
	var sent time.Time
	for {
		began := time.Now()
		c, err := look()
		if err != nil {
			return nil // the page that is reloaded says what is wrong
		}
		var b bytes.Buffer
		if err := c.Render(v.Context(), &b); err != nil {
			return nil
		}
		took := time.Since(began)
		switch {
		case !bytes.Equal(b.Bytes(), last):
			last, sent = b.Bytes(), time.Now()
			v.w.Write(event(last))
		case time.Since(sent) > liveSilence:
			sent = time.Now()
			v.w.Write([]byte(": still here\n\n"))
		}
		if out.Flush() != nil {
			return nil
		}
		select {
		case <-v.Context().Done():
			return nil
		case <-st.ending.Done():
			return nil
		case <-time.After(max(liveEvery, liveShare*took)):
		}
		if !v.server.Accounts.StillOpen(v.Context(), secretOf(v.Request)) {
			return nil
		}
	}
}

// event frames text as one message of a stream (HTML standard, section 9.2).
func event(text []byte) []byte {
	var b bytes.Buffer
	for line := range bytes.Lines(text) {
		b.WriteString("data: ")
		b.Write(bytes.TrimRight(line, "\r\n"))
		b.WriteByte('\n')
	}
	b.WriteByte('\n')
	return b.Bytes()
}
