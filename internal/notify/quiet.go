package notify

import (
	"fmt"
	"time"
)

const (
	// quietFor is how long the same is not said of the same thing again.
	quietFor = time.Hour
	// maxAnHour is how many messages a transport sends in an hour: a person reads no more, and a cluster that falls apart
	// has thousands of zones. What is left out is counted in the next message; the log has all.
	maxAnHour = 30
	// maxTold bounds what is remembered of that; when it is full the older half is forgotten, and may be said again.
	maxTold = 1000
)

// quiet remembers what a transport has said. It is not kept: after a restart something may be said twice.
type quiet struct {
	told    map[string]told
	hour    []time.Time // of the messages in the last hour
	leftOut int
}

type told struct {
	state string
	at    time.Time
}

// pass reports whether the message is to be sent now.
func (q *quiet) pass(m Message, now time.Time) bool {
	if t, known := q.told[m.Key]; known && t.state == m.State && now.Sub(t.at) < quietFor {
		return false
	}
	kept := q.hour[:0]
	for _, at := range q.hour {
		if now.Sub(at) < time.Hour {
			kept = append(kept, at)
		}
	}
	q.hour = kept
	if len(q.hour) >= maxAnHour {
		q.leftOut++
		return false
	}
	return true
}

// said notes that it was sent.
func (q *quiet) said(m Message, now time.Time) {
	if q.told == nil {
		q.told = map[string]told{}
	}
	for key, t := range q.told {
		if len(q.told) >= maxTold && now.Sub(t.at) > quietFor/2 {
			delete(q.told, key)
		}
	}
	if len(q.told) >= maxTold {
		clear(q.told)
	}
	q.told[m.Key] = told{m.State, now}
	q.hour = append(q.hour, now)
	q.leftOut = 0
}

// with adds to a message what was left out before it.
func (q *quiet) with(m Message) Message {
	if q.leftOut > 0 {
		m.Lines = append(m.Lines[:len(m.Lines):len(m.Lines)], "", fmt.Sprintf("%d more were left out: %slog", q.leftOut, m.About.Link))
	}
	return m
}
