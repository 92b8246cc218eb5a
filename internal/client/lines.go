package client

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
)

// maxLine bounds one line of an answer.
const maxLine = 256 << 20

// ndjson is the media type of lines of JSON.
const ndjson = "application/x-ndjson"

// Lines sends what next returns, one JSON line each, until it returns io.EOF, and calls each with every line of the
// answer while lines are still being sent. It ends when the answer does, or with the first error of either function.
func (c *Client) Lines(ctx context.Context, path string, query url.Values, next func() (any, error), each func(line []byte) error) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	pr, pw := io.Pipe()
	sent := make(chan error, 1)
	go func() { sent <- send(pw, next) }()

	err := c.lines(ctx, Request{Method: http.MethodPost, Path: path, Query: query, Raw: pr, ContentType: ndjson, Accept: ndjson}, each)
	pr.CloseWithError(errGivenUp) // the sender may still wait for a reader that is gone
	if sendErr := <-sent; sendErr != nil && !errors.Is(sendErr, errGivenUp) && !errors.Is(sendErr, io.ErrClosedPipe) {
		return sendErr
	}
	return err
}

// Each calls f with every line of the answer to a GET.
func (c *Client) Each(ctx context.Context, path string, query url.Values, f func(line []byte) error) error {
	return c.lines(ctx, Request{Method: http.MethodGet, Path: path, Query: query, Accept: ndjson}, f)
}

var errGivenUp = errors.New("the server reads no more")

func (c *Client) lines(ctx context.Context, r Request, each func([]byte) error) error {
	res, err := c.Stream(ctx, r)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	in := bufio.NewScanner(res.Body)
	in.Buffer(make([]byte, 0, 64<<10), maxLine)
	for in.Scan() {
		if len(in.Bytes()) == 0 {
			continue
		}
		if err := each(in.Bytes()); err != nil {
			return err
		}
	}
	if err := in.Err(); err != nil {
		return fmt.Errorf("%w from %s any more: %w", ErrUnreachable, c.host, err)
	}
	return nil
}

func send(w *io.PipeWriter, next func() (any, error)) error {
	// Each line goes out at once: the caller may wait for its answer before it has another.
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	for {
		line, err := next()
		if errors.Is(err, io.EOF) {
			return w.Close()
		}
		if err == nil {
			err = enc.Encode(line)
		}
		if err != nil {
			w.CloseWithError(err)
			return err
		}
	}
}
