package client

import (
	"errors"
	"io"
	"net/http"
	"syscall"
	"time"
)

// A server that hands over to a new process, or is restarted, is away for a moment. Tries is how often a request is sent
// until then, pause how long between two: together longer than most servers take.
const (
	tries = 20
	pause = 250 * time.Millisecond
)

// send sends a request, and again if the server says that it did nothing and should be asked again, or if it hung up on one
// that changes nothing. A server that is not there is not waited for.
func (c *Client) send(req *http.Request) (*http.Response, error) {
	for try := 1; ; try++ {
		res, err := c.http.Do(req)
		if try == tries || !isWorthAgain(req, res, err) {
			return res, err
		}
		if res != nil {
			res.Body.Close()
		}
		if req.Body != nil {
			if req.Body, err = req.GetBody(); err != nil {
				return nil, err
			}
		}
		select {
		case <-time.After(pause):
		case <-req.Context().Done():
			return nil, req.Context().Err()
		}
		c.Close() // the connection may be to the process that ends
	}
}

func isWorthAgain(req *http.Request, res *http.Response, err error) bool {
	if req.Body != nil && req.GetBody == nil {
		return false // it cannot be sent twice
	}
	if err != nil {
		hungUp := errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, syscall.ECONNRESET)
		return hungUp && req.Method == http.MethodGet
	}
	return res.StatusCode == http.StatusServiceUnavailable && res.Header.Get("Retry-After") != ""
}
