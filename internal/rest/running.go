package rest

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/zonefleet/zonefleet/internal/acl"
	"github.com/zonefleet/zonefleet/internal/api"
	"github.com/zonefleet/zonefleet/internal/control"
)

// Running is the process behind the door. Its errors are control's.
type Running interface {
	// LogLevels returns the level of packages that have none of their own, and that of every package.
	LogLevels() (level string, packages map[string]string)
	// SetLogLevel changes the level of one package, or with an empty name that of all.
	SetLogLevel(packageName, level string) error
	// Reload reads the configuration again.
	Reload() (changed, nextStart []ConfigValue, err error)
}

// ConfigValue is a key of the configuration with its value and the place that says so.
type ConfigValue struct {
	Key, Value, From string
}

func (s *Server) runningRoutes(a huma.API) {
	handle(s, a, op("show-log-levels", http.MethodGet, "/log/level", "server", "Show what goes to the log"), s.showLogLevels)
	handle(s, a, op("set-log-level", http.MethodPut, "/log/level", "server", "Change what goes to the log, until the next reload or start"), s.setLogLevel)
	handle(s, a, op("reload", http.MethodPost, "/reload", "server", "Read the configuration again"), s.reload)
}

// running is the process, for those who may manage it.
func (s *Server) running(p acl.Principal) (Running, error) {
	if err := may(p, acl.ManageNode); err != nil {
		return nil, err
	}
	if s.Running == nil {
		return nil, &control.Error{Code: control.CodeUnavailable, Message: "this server cannot be changed while it runs"}
	}
	return s.Running, nil
}

func (s *Server) showLogLevels(_ context.Context, p acl.Principal, _ *struct{}) (*body[api.LogLevels], error) {
	r, err := s.running(p)
	if err != nil {
		return nil, err
	}
	level, packages := r.LogLevels()
	return answer(api.LogLevels{Level: level, Packages: packages}), nil
}

func (s *Server) setLogLevel(ctx context.Context, p acl.Principal, in *struct{ Body api.LogLevel }) (*body[api.LogLevels], error) {
	r, err := s.running(p)
	if err != nil {
		return nil, err
	}
	if err := r.SetLogLevel(in.Body.Package, in.Body.Level); err != nil {
		return nil, err
	}
	s.Logger.Info("log level changed", "of", in.Body.Package, "level", in.Body.Level, "by", p.User, "token", p.TokenID)
	return s.showLogLevels(ctx, p, nil)
}

func (s *Server) reload(_ context.Context, p acl.Principal, _ *struct{}) (*body[api.Reloaded], error) {
	r, err := s.running(p)
	if err != nil {
		return nil, err
	}
	changed, next, err := r.Reload()
	if err != nil {
		return nil, err
	}
	return answer(api.Reloaded{Changed: configValues(changed), NextStart: configValues(next)}), nil
}

func configValues(list []ConfigValue) []api.ConfigValue {
	out := make([]api.ConfigValue, 0, len(list))
	for _, v := range list {
		out = append(out, api.ConfigValue(v))
	}
	return out
}
