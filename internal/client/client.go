package client

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"time"

	"github.com/zonefleet/zonefleet/internal/api"
)

// Options say which server is spoken to, as whom, and what may be trusted.
type Options struct {
	Server       string // https://HOST:PORT, HOST:PORT or HOST; empty: DefaultServer
	Token        string
	User         string // who signs in with Password in the place of a token (RFC 7617); empty: nobody
	Password     string
	Fingerprint  string // the key that the server must show, if known
	AcceptNewKey bool   // pin the key of a server seen for the first time
	KnownServers string // file of pinned keys; empty: none
	// Pinned is told of each key that is pinned; nil: nobody is.
	Pinned    func(server, fingerprint string)
	UserAgent string
}

// Client speaks to one server. It is safe for concurrent use.
type Client struct {
	base  string
	host  string
	token string
	user  *url.Userinfo // nil: the token signs in
	agent string
	http  *http.Client
}

// ErrUnreachable is wrapped by failures to speak to the server at all.
var ErrUnreachable = errors.New("no answer")

// maxAnswer bounds what is read of an answer that is one document. Streams have no bound: they are not kept.
const maxAnswer = 1 << 30

// New checks the options; it connects to nothing yet.
func New(o Options) (*Client, error) {
	if o.Server == "" {
		o.Server = DefaultServer
	}
	hostport, err := parseServer(o.Server)
	if err != nil {
		return nil, err
	}
	given := ""
	if o.Fingerprint != "" {
		if given, err = parseFingerprint(o.Fingerprint); err != nil {
			return nil, err
		}
	}
	transport := &http.Transport{
		Proxy:               http.ProxyFromEnvironment,
		TLSClientConfig:     o.tlsConfig(hostport, given, &knownServers{o.KnownServers, o.Pinned}),
		TLSHandshakeTimeout: 10 * time.Second,
		ForceAttemptHTTP2:   true,
		IdleConnTimeout:     time.Minute,
	}
	var user *url.Userinfo
	if o.User != "" {
		user = url.UserPassword(o.User, o.Password)
	}
	return &Client{
		user: user,
		base: "https://" + hostport, host: hostport, token: o.Token, agent: o.UserAgent,
		http: &http.Client{
			Transport: transport,
			CheckRedirect: func(*http.Request, []*http.Request) error {
				return http.ErrUseLastResponse
			},
		},
	}, nil
}

// Server is the host:port that is spoken to.
func (c *Client) Server() string { return c.host }

// Greet finds out whether the server's key is accepted, without sending the token. On loopback there is nothing to find
// out. The connection is kept for the requests that follow.
func (c *Client) Greet(ctx context.Context) error {
	if isLoopback(c.host) {
		return nil
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, c.base+Path("openapi.json"), nil)
	if err != nil {
		return fmt.Errorf("greet %s: %w", c.host, err)
	}
	res, err := c.http.Do(req)
	if err != nil {
		return c.failure(ctx, err)
	}
	defer res.Body.Close()
	_, err = io.Copy(io.Discard, io.LimitReader(res.Body, 4<<20))
	return err
}

// Local says whether the server is this machine by its very name or address.
func (c *Client) Local() bool { return isLoopback(c.host) }

// Close lets go of idle connections.
func (c *Client) Close() { c.http.CloseIdleConnections() }

// Request is one call. Path is below the server's root, with its segments escaped (see Path).
type Request struct {
	Method      string
	Path        string
	Query       url.Values
	Body        any       // a document, sent as JSON; or Raw
	Raw         io.Reader // sent as it is, as ContentType
	ContentType string
	Accept      string
	IfMatch     string // an ETag without quotes, or *
}

// Path joins segments, escaping each, below /api/v1.
func Path(segments ...string) string {
	p := "/api/v1"
	for _, s := range segments {
		p += "/" + url.PathEscape(s)
	}
	return p
}

// Do sends r and decodes the answer into out, unless out is nil. Problems come back as *api.Problem.
func (c *Client) Do(ctx context.Context, r Request, out any) error {
	res, err := c.Stream(ctx, r)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	if out == nil || res.StatusCode == http.StatusNoContent {
		return nil
	}
	dec := json.NewDecoder(io.LimitReader(res.Body, maxAnswer))
	if err := dec.Decode(out); err != nil {
		return fmt.Errorf("read the answer of %s: %w", c.host, err)
	}
	return nil
}

// Stream sends r and returns the answer when it is a good one; the caller closes its body.
func (c *Client) Stream(ctx context.Context, r Request) (*http.Response, error) {
	req, err := c.request(ctx, r)
	if err != nil {
		return nil, err
	}
	res, err := c.send(req)
	if err != nil {
		return nil, c.failure(ctx, err)
	}
	if res.StatusCode >= 200 && res.StatusCode < 300 && !isProblem(res) {
		return res, nil
	}
	defer res.Body.Close()
	return nil, c.problem(res)
}

func (c *Client) request(ctx context.Context, r Request) (*http.Request, error) {
	body, contentType := r.Raw, r.ContentType
	if r.Body != nil {
		b, err := json.Marshal(r.Body)
		if err != nil {
			return nil, fmt.Errorf("write the request: %w", err)
		}
		body, contentType = bytes.NewReader(b), "application/json"
	}
	target := c.base + r.Path
	if len(r.Query) > 0 {
		target += "?" + r.Query.Encode()
	}
	req, err := http.NewRequestWithContext(ctx, r.Method, target, body)
	if err != nil {
		return nil, fmt.Errorf("write the request: %w", err)
	}
	if c.user != nil {
		password, _ := c.user.Password()
		req.SetBasicAuth(c.user.Username(), password)
	} else if c.token != "" {
		req.Header.Set("Authorization", "Bearer "+c.token)
	}
	set(req.Header, "User-Agent", c.agent)
	set(req.Header, "Content-Type", contentType)
	set(req.Header, "Accept", r.Accept)
	if r.IfMatch == "*" {
		req.Header.Set("If-Match", "*")
	} else if r.IfMatch != "" {
		req.Header.Set("If-Match", `"`+r.IfMatch+`"`)
	}
	return req, nil
}

func set(h http.Header, name, value string) {
	if value != "" {
		h.Set(name, value)
	}
}

// failure tells a refused key and a call given up from a server that does not answer.
func (c *Client) failure(ctx context.Context, err error) error {
	var unknown *UnknownKeyError
	var changed *ChangedKeyError
	switch {
	case errors.As(err, &unknown):
		return unknown
	case errors.As(err, &changed):
		return changed
	case ctx.Err() != nil:
		return context.Cause(ctx)
	}
	var inURL *url.Error
	if errors.As(err, &inURL) {
		err = inURL.Err // without the URL, which says nothing that the server's name does not
	}
	return fmt.Errorf("%w from %s: %w", ErrUnreachable, c.host, err)
}

// isProblem says that the answer is a problem, whatever its status: a change that is held is accepted, and not done.
func isProblem(res *http.Response) bool {
	mediaType, _, _ := mime.ParseMediaType(res.Header.Get("Content-Type"))
	return mediaType == "application/problem+json"
}

func (c *Client) problem(res *http.Response) error {
	b, err := io.ReadAll(io.LimitReader(res.Body, 16<<20))
	if err != nil {
		return fmt.Errorf("read the answer of %s: %w", c.host, err)
	}
	p := &api.Problem{}
	if !isProblem(res) || json.Unmarshal(b, p) != nil || p.Detail == "" {
		p = &api.Problem{
			Title: res.Status, Code: "foreign", Detail: fmt.Sprintf("%s answers %s", c.host, res.Status),
			Hint: "is that a zonefleet server? its default port is " + defaultPort,
		}
	}
	p.Status = res.StatusCode
	return p
}
