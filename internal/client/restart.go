package client

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/zonefleet/zonefleet/internal/api"
)

// restartPoll is how often a server is asked whether another process has taken over.
const restartPoll = 200 * time.Millisecond

// Restart makes a server hand over to the program file on its disk, and returns what the new process is when it has taken
// over. The error says why it did not, and that the old one goes on.
func Restart(ctx context.Context, c *Client, query url.Values) (now api.Process, err error) {
	var before api.Process
	if err := c.Do(ctx, Request{Method: http.MethodGet, Path: Path("process")}, &before); err != nil {
		return now, err
	}
	if err := c.Do(ctx, Request{Method: http.MethodPost, Path: Path("process", "restart"), Query: query}, nil); err != nil {
		return now, err
	}
	for {
		select {
		case <-ctx.Done():
			return now, context.Cause(ctx)
		case <-time.After(restartPoll):
		}
		c.Close() // a connection to the old process must not be asked again
		now = api.Process{}
		err := c.Do(ctx, Request{Method: http.MethodGet, Path: Path("process")}, &now)
		switch {
		case err != nil, now.PID != before.PID && now.Restarting: // between the two nobody may answer, or one that may still fail
		case now.PID != before.PID:
			return now, nil
		case !now.Restarting:
			return now, fmt.Errorf("process %d goes on: %s", now.PID, now.Failed)
		}
	}
}
