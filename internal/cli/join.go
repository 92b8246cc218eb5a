package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"

	"github.com/zonefleet/zonefleet/internal/api"
	"github.com/zonefleet/zonefleet/internal/client"
	"github.com/zonefleet/zonefleet/internal/config"
)

// joinFlags are the flags of join.
type joinFlags struct {
	dry, yes bool
	timeout  time.Duration
}

func (a *app) joinCommand() *cobra.Command {
	var f joinFlags
	var file string
	c := &cobra.Command{
		Use: "join CODE", Short: "Join a cluster with a code that a member made", Args: cobra.ExactArgs(1),
		Long: "Join a cluster with a code that a member made (`zonefleet member invite` there). Both sides prove that they have the\n" +
			"code, whose secret does not travel, and the member must show the key that the code names. Then all zones come, and\n" +
			"progress is shown until they are served here. CODE may be - to read it from standard input.\n\n" +
			"If no server runs here, this starts one, with the flags of serve, in the foreground.",
		RunE: func(c *cobra.Command, args []string) error {
			code, err := a.joinCode(args[0])
			if err != nil {
				return err
			}
			elsewhere := first(a.server, a.Getenv("ZONEFLEET_SERVER")) != ""
			cfg, err := config.Load(config.Input{File: file, Flags: given(c.Flags()), Getenv: a.Getenv})
			if err != nil && !elsewhere {
				return misconfigured(err)
			}
			if !elsewhere {
				a.server, a.data = localOf(cfg.Listen), cfg.Data
			}
			server, err := a.connect(c.Context())
			if err == nil {
				if err = a.answers(c.Context(), server); err == nil {
					defer server.Close()
					return a.join(c.Context(), server, code, f)
				}
				server.Close()
			}
			if elsewhere || f.dry || !nobodyThere(err) {
				return err
			}
			return a.serveAndJoin(c.Context(), cfg, code, f)
		},
	}
	flags := c.Flags()
	flags.BoolVar(&f.dry, "dry-run", false, "show what would happen, change nothing")
	flags.BoolVar(&f.yes, "yes", false, "do not ask about zones that are here already")
	flags.DurationVar(&f.timeout, "timeout", 10*time.Minute, "how long to wait until all zones are served here; joining goes on without")
	serveFlags(c, &file)
	return c
}

func (a *app) joinCode(arg string) (string, error) {
	if arg != "-" {
		return arg, nil
	}
	b := make([]byte, 8192)
	n, err := a.Stdin.Read(b)
	if n == 0 && err != nil {
		return "", fmt.Errorf("read the join code: %w", err)
	}
	return string(b[:n]), nil
}

// nobodyThere says that no server runs here: nothing answers, or there was no first start that would have left a token.
func nobodyThere(err error) bool {
	return errors.Is(err, client.ErrUnreachable) || errors.Is(err, fs.ErrNotExist)
}

// answers asks the server for as little as possible.
func (a *app) answers(ctx context.Context, server *client.Client) error {
	var v api.Version
	return server.Do(ctx, client.Request{Method: http.MethodGet, Path: client.Path("version")}, &v)
}

// serveAndJoin runs a server in the foreground and joins as soon as it answers.
func (a *app) serveAndJoin(ctx context.Context, cfg config.Config, code string, f joinFlags) error {
	group, ctx := errgroup.WithContext(ctx)
	serving, stop := context.WithCancel(ctx)
	group.Go(func() error { return a.Serve(serving, cfg) })
	group.Go(func() error {
		server, err := a.whenItAnswers(ctx)
		if err == nil {
			defer server.Close()
			err = a.join(ctx, server, code, f)
		}
		if err != nil {
			stop() // nobody wants a server that did not join
			return err
		}
		a.errText().line("this server goes on; end it with Ctrl-C and start it as ever: zonefleet serve --data %s", cfg.Data)
		return nil
	})
	err := group.Wait()
	stop()
	return err
}

// localOf is how this machine reaches what listens there.
func localOf(listen string) string {
	host, port, _ := net.SplitHostPort(listen) // config has checked it
	if host == "" {
		host = "127.0.0.1"
	}
	return "https://" + net.JoinHostPort(host, port)
}

func (a *app) whenItAnswers(ctx context.Context) (*client.Client, error) {
	for {
		server, err := a.connect(ctx)
		if err == nil {
			if err = a.answers(ctx, server); err == nil {
				return server, nil
			}
			server.Close()
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(100 * time.Millisecond):
		}
	}
}

func (a *app) join(ctx context.Context, server *client.Client, code string, f joinFlags) error {
	ask := func(j api.Join) (res api.Joined, err error) {
		err = server.Do(ctx, client.Request{Method: http.MethodPost, Path: client.Path("cluster", "join"), Body: j}, &res)
		return res, err
	}
	would, err := ask(api.Join{Code: code, DryRun: true})
	if err != nil {
		return err
	}
	if f.dry {
		return a.show(would, func(t *text) { t.joined(would) })
	}
	if !a.json() {
		a.errText().joined(would)
	}
	if would.Own > 0 && !would.Resumed && !f.yes && !a.asked(fmt.Sprintf("This server has %s already; they and those of %s become common. Join?", plural(would.Own, "zone", "zones"), would.Server)) {
		return withHint(errors.New("nothing was changed"), "--yes joins with the zones that are here")
	}
	res, err := ask(api.Join{Code: code, Yes: true})
	if err != nil {
		return err
	}
	if !a.json() {
		a.errText().notices(res.Notices)
	}
	if err := a.fill(ctx, server, res, f.timeout); err != nil {
		return err
	}
	return a.show(res, func(t *text) {
		t.line("%s", t.green("joined "+clean(res.Server)+", and serves all zones that come from there"))
		t.others(res)
	})
}

// others says what else there is to do: a join makes one link.
func (t *text) others(j api.Joined) {
	if j.AddCommand == "" {
		return
	}
	names := make([]string, len(j.Others))
	for i, o := range j.Others {
		names[i] = clean(o.Name)
	}
	t.line("its one link is with %s. For links that go on when that server is down, run at %s:", clean(j.Server), strings.Join(names, ", "))
	t.line("  %s", j.AddCommand)
}

func (t *text) joined(j api.Joined) {
	t.line("%s at %s, key %s", t.bold(clean(j.Server)), j.Address, j.Fingerprint)
	t.line("  %s there, %s here; this server becomes %s, its changes count there as those of a %s", plural(j.Zones, "zone", "zones"),
		plural(j.Own, "zone", "zones"), j.Role, j.Kind)
	if j.Resumed {
		t.line("  an earlier try had begun: what it left is done now")
	}
	if j.Replaces != "" {
		t.line("  it takes the place of the server with the key %s", j.Replaces)
	}
	for _, d := range j.Does {
		t.line("  %s", clean(d))
	}
}

// fill shows progress until everything that the member had is served here.
func (a *app) fill(ctx context.Context, server *client.Client, j api.Joined, limit time.Duration) error {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	bar := a.progress("zones", j.Zones)
	defer bar.end()
	shown := 0
	for {
		var st api.Cluster
		if err := server.Do(ctx, client.Request{Method: http.MethodGet, Path: client.Path("cluster")}, &st); err != nil {
			return err
		}
		if now := max(st.Zones-j.Own, 0); now > shown {
			bar.add(now - shown)
			shown = now
		}
		if !filling(st, j) {
			if served, err := servedHere(ctx, server, st.Server); err != nil || served {
				return err
			}
		}
		select {
		case <-ctx.Done():
			if errors.Is(ctx.Err(), context.DeadlineExceeded) {
				a.errText().line("joined; not all zones are served here yet, they go on coming: zonefleet cluster status")
				return &quietExit{exitNotServed}
			}
			return ctx.Err()
		case <-time.After(100 * time.Millisecond):
		}
	}
}

// servedHere says whether the nameserver of the server itself answers with all that the server has.
func servedHere(ctx context.Context, server *client.Client, name string) (bool, error) {
	var r api.Reach
	q := url.Values{"timeout": {"1s"}}
	if err := server.Do(ctx, client.Request{Method: http.MethodGet, Path: client.Path("wait"), Query: q}, &r); err != nil {
		return false, err
	}
	for _, s := range r.Servers {
		if s.Name == name && s.State != "served" {
			return false, nil
		}
	}
	return true, nil
}

func filling(st api.Cluster, j api.Joined) bool {
	for _, m := range st.Members {
		if m.Fingerprint == j.Fingerprint && (m.Filling || !m.Connected) {
			return true
		}
	}
	return false
}

// asked asks, and takes silence for no: nobody is there to be asked.
func (a *app) asked(question string) bool {
	if !isTerminal(a.Stdin) {
		return false
	}
	return a.confirms(question)
}
