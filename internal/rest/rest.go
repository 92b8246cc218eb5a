package rest

import (
	"context"
	"log/slog"
	"net/http"
	"net/netip"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/zonefleet/zonefleet/internal/acl"
	"github.com/zonefleet/zonefleet/internal/control"
)

//go:generate go test . -run TestTheOpenAPIDocument -update

// Prefix is where the API is.
const Prefix = "/api/v1"

// Bounds of what is read. A JSON document and a single zone file are kept whole; a bulk import is read line by line.
const (
	maxDocument = 32 << 20
	maxZoneFile = 64 << 20
	bodyTimeout = time.Minute
)

// Tokens turns a presented token into whoever stands behind it; auth.Verifier has it.
type Tokens interface {
	Verify(ctx context.Context, text string, from netip.Addr) (acl.Principal, error)
}

// Passwords turns a user name and a password into whoever that is; *control.Control has it.
type Passwords interface {
	Authenticate(ctx context.Context, c control.Credentials) (acl.Principal, error)
}

// Deps is what the door works with. Metrics, Ready, Backups and Running may be nil: then nothing is
// counted, waited for, backed up or changed.
type Deps struct {
	Control *control.Control
	Tokens  Tokens
	// Passwords, which may be nil, lets users in with HTTP Basic; nil: tokens only.
	Passwords Passwords
	Metrics   http.Handler
	// Ready says why the server does not yet serve all that it holds, nil when it does.
	Ready   func() error
	Backups Backups
	Running Running
	Process Process // nil: it cannot be restarted from here
	// SignInLink makes a link for a browser; nil: there are no pages.
	SignInLink func() string
	// LinkOf is where the secret of a sign-in link is used; nil: there are no pages.
	LinkOf func(secret string) string
	// Ending ends when no new requests come any more: those that only wait are answered then. Nil: never.
	Ending context.Context
	Now    func() time.Time
	Logger *slog.Logger
}

// Answers reports whether a path is the API's: everything under /api, and what monitoring asks for.
func Answers(path string) bool {
	return path == "/api" || strings.HasPrefix(path, "/api/") || isMonitoring(path)
}

// Server serves the API.
type Server struct {
	Deps
	mux     *http.ServeMux
	openAPI []byte
}

// New returns a Server; it starts nothing.
func New(d Deps) *Server {
	if d.Now == nil {
		d.Now = time.Now
	}
	if d.Logger == nil {
		d.Logger = slog.New(slog.DiscardHandler)
	}
	if d.Ending == nil {
		d.Ending = context.Background()
	}
	s := &Server{Deps: d, mux: http.NewServeMux()}
	api := newAPI(s.mux)
	s.routes(api)
	s.streams()
	s.health()
	s.serveOpenAPI(api)
	return s
}

// ServeHTTP implements http.Handler for Prefix, /healthz, /readyz and /metrics.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Cache-Control", "no-store")
	s.signIn(w, r)
}

func newAPI(mux *http.ServeMux) huma.API {
	c := huma.DefaultConfig("ZoneFleet", "1")
	c.Info.Description = "DNS zones shared by any number of servers. docs/api.md says how to use it."
	c.Servers = []*huma.Server{{URL: Prefix}}
	c.Components.SecuritySchemes = map[string]*huma.SecurityScheme{
		"token": {Type: "http", Scheme: "bearer", Description: "a token made by token create, or the one in DATA/root.token"},
	}
	c.Security = []map[string][]string{{"token": {}}}
	c.OpenAPIPath, c.DocsPath, c.SchemasPath = "", "", ""
	c.CreateHooks = nil // no $schema member in documents
	c.RejectUnknownQueryParameters = true
	c.Transformers = []huma.Transformer{libraryProblem}
	return humago.NewWithPrefix(mux, Prefix, c)
}

func (s *Server) routes(api huma.API) {
	s.zoneRoutes(api)
	s.changeRoutes(api)
	s.changeSetRoutes(api)
	s.reviewRoutes(api)
	s.templateRoutes(api)
	s.heldRoutes(api)
	s.conflictRoutes(api)
	s.memberRoutes(api)
	s.clusterRoutes(api)
	s.driftRoutes(api)
	s.syncRoutes(api)
	s.trustedRoutes(api)
	s.accessRoutes(api)
	s.tokenRoutes(api)
	s.notificationRoutes(api)
	s.askRoutes(api)
	s.runningRoutes(api)
	s.backupRoutes(api)
	s.restartRoutes(api)
	s.joinRoutes(api)
	s.userRoutes(api)
}

// streams are the calls that are no document in and document out. They are described in openapi.go by hand.
func (s *Server) streams() {
	s.mux.HandleFunc("GET "+Prefix+"/zones/{zone}/file", s.exportZone)
	s.mux.HandleFunc("PUT "+Prefix+"/zones/{zone}/file", s.putZone)
	s.mux.HandleFunc("POST "+Prefix+"/import", s.importZones)
	s.mux.HandleFunc("GET "+Prefix+"/export", s.exportZones)
	s.mux.HandleFunc("GET "+Prefix+"/check", s.checkZones)
	s.mux.HandleFunc("GET "+Prefix+"/backup", s.backup)
	s.mux.HandleFunc("/", s.nothingHere)
}

// op describes one call. Errors are problems whatever their status, so one response stands for all of them.
func op(id, method, path, tag, summary string) huma.Operation {
	return huma.Operation{
		OperationID: id, Method: method, Path: path, Summary: summary, Tags: []string{tag},
		MaxBodyBytes: maxDocument, BodyReadTimeout: bodyTimeout,
		Responses: map[string]*huma.Response{"default": problemResponse()},
	}
}

// handle registers a call whose errors become problems.
func handle[I, O any](s *Server, api huma.API, o huma.Operation, f func(context.Context, acl.Principal, *I) (*O, error)) {
	huma.Register(api, o, func(ctx context.Context, in *I) (*O, error) {
		out, err := f(ctx, principal(ctx), in)
		if err != nil {
			return nil, s.problem(err)
		}
		return out, nil
	})
}

// body is an answer that is a document and nothing else.
type body[T any] struct {
	Body T
}

func answer[T any](doc T) *body[T] { return &body[T]{doc} }
