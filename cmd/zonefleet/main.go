package main

import (
	"context"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"syscall"

	"github.com/zonefleet/zonefleet/internal/cli"
	"github.com/zonefleet/zonefleet/internal/config"
	"github.com/zonefleet/zonefleet/internal/demo"
	"github.com/zonefleet/zonefleet/internal/node"
)

// version is set by the linker.
var version = "dev"

type stdio struct {
	in       io.Reader
	out, err io.Writer
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	// The second signal ends the program at once: the first one's handler is then gone.
	context.AfterFunc(ctx, stop)
	os.Exit(run(ctx, os.Args[1:], os.Getenv, stdio{os.Stdin, os.Stdout, os.Stderr}))
}

func run(ctx context.Context, args []string, env func(string) string, std stdio) int {
	return cli.Run(ctx, args, cli.Program{
		Version: version, Getenv: env, Stdin: std.in, Stdout: std.out, Stderr: std.err,
		Serve: func(ctx context.Context, c config.Config) error {
			return node.Run(ctx, node.Options{Config: c, Version: version, Out: std.out, Logger: logger(c, std.err)})
		},
		Demo: func(ctx context.Context, o cli.DemoOptions) error { return demo.Run(ctx, demo.Options(o)) },
	})
}

func logger(c config.Config, w io.Writer) *slog.Logger {
	var level slog.Level
	_ = level.UnmarshalText([]byte(c.LogLevel)) // config has checked it
	o := &slog.HandlerOptions{Level: level}
	if c.LogFormat == "json" {
		return slog.New(slog.NewJSONHandler(w, o))
	}
	return slog.New(slog.NewTextHandler(w, o))
}
