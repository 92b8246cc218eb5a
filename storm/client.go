package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/zonefleet/zonefleet/internal/api"
)

// clientsPerServer is how many people work at each server at once.
const clientsPerServer = 2

// problem is an answer that says no.
type problem struct {
	status int
	text   string
}

func (p *problem) Error() string { return fmt.Sprintf("%d: %s", p.status, p.text) }

// code is the problem's name for programs.
func (p *problem) code() string {
	var doc api.Problem
	if json.Unmarshal([]byte(p.text), &doc) != nil || doc.Code == "" {
		return p.text
	}
	return doc.Code + ": " + strings.ReplaceAll(doc.Detail, doc.Subject, "…")
}

// send asks the API and returns the answer's body. An error that is no *problem leaves open whether anything was done.
func (s *server) send(ctx context.Context, method, path, media string, body []byte) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, method, "https://"+s.https+"/api/v1"+path, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Authorization", "Bearer "+s.bearer())
	if media != "" {
		req.Header.Set("Content-Type", media)
	}
	res, err := s.client.Do(req)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		return nil, err
	}
	if res.StatusCode >= 300 {
		return nil, &problem{res.StatusCode, string(text)}
	}
	return text, nil
}

// call sends a document and decodes the answer.
func (s *server) call(ctx context.Context, method, path string, body, answer any) error {
	var text []byte
	media := ""
	if body != nil {
		var err error
		if text, err = json.Marshal(body); err != nil {
			return err
		}
		media = "application/json"
	}
	text, err := s.send(ctx, method, path, media, text)
	if err != nil || answer == nil {
		return err
	}
	return json.Unmarshal(text, answer)
}

// client is somebody who edits at one server, one thing after the other.
type client struct {
	storm  *storm
	at     *server
	rand   *rand.Rand
	undo   []uint64 // numbers of own changes that may be undone
	undoIn int      // generation of the server in which they were made
}

func newClient(s *storm, at *server, r *rand.Rand) *client {
	return &client{storm: s, at: at, rand: r}
}

func (c *client) run(ctx context.Context) {
	pause := time.Second * time.Duration(len(c.storm.servers)*clientsPerServer) / time.Duration(c.storm.rate)
	for {
		// Twice the mean at most, so that clients meet each other in every order.
		select {
		case <-ctx.Done():
			return
		case <-time.After(time.Duration(c.rand.Int64N(int64(2*pause) + 1))):
		}
		// What is under way at the end of the time is finished: its answer counts.
		c.act(context.WithoutCancel(ctx))
	}
}

// write sends one change and enters what became of it into the ledger.
func (c *client) write(ctx context.Context, kind, zone, method, path, media string, body []byte) (api.WriteResult, error) {
	gen := c.at.generation()
	entry := &act{server: c.at.name, generation: gen, kind: kind, zone: zone, sent: time.Now()}
	text, err := c.at.send(ctx, method, path, media, body)
	entry.answered = time.Now()
	var result api.WriteResult
	if err == nil {
		result, err = readResult(text)
	}
	entry.settle(result, err)
	if c.at.generation() != gen {
		entry.outcome = unknown // before or after the rollback: nobody can tell
	}
	c.storm.ledger.add(entry)
	if entry.outcome == acknowledged && kind != "create" && kind != "restore" { // undoing those deletes a zone
		if c.undoIn != gen {
			c.undo, c.undoIn = nil, gen
		}
		c.undo = append(c.undo, entry.change)
		if len(c.undo) > 20 {
			c.undo = c.undo[1:]
		}
	}
	return result, err
}

func (c *client) writeJSON(ctx context.Context, kind, zone, method, path string, doc any) error {
	text, err := json.Marshal(doc)
	if err != nil {
		return err
	}
	_, err = c.write(ctx, kind, zone, method, path, "application/json", text)
	return err
}

// errHeld is the answer of the brake, which comes with status 202: accepted, and waiting for a person.
var errHeld = errors.New("held by the brake")

func readResult(text []byte) (api.WriteResult, error) {
	var answer struct {
		api.WriteResult
		Code string `json:"code"`
	}
	err := json.Unmarshal(text, &answer)
	if answer.Code == "held" {
		err = errHeld
	}
	return answer.WriteResult, err
}

func zonePath(zone string) string { return "/zones/" + url.PathEscape(zone) }

// refused says that the server understood and said no: nothing was done.
func refused(err error) bool {
	var p *problem
	return errors.As(err, &p) && p.status < 500
}
