package main

import (
	"context"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/zonefleet/zonefleet/internal/cli"
	"github.com/zonefleet/zonefleet/internal/config"
	"github.com/zonefleet/zonefleet/internal/demo"
	"github.com/zonefleet/zonefleet/internal/logs"
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

// restartSignal makes a server hand over to the program file on disk.
const restartSignal = syscall.SIGUSR2

func run(ctx context.Context, args []string, env func(string) string, std stdio) int {
	return cli.Run(ctx, args, cli.Program{
		Version: version, Getenv: env, Stdin: std.in, Stdout: std.out, Stderr: std.err,
		Serve: func(ctx context.Context, c config.Config) error {
			restart := make(chan os.Signal, 1)
			signal.Notify(restart, restartSignal)
			defer signal.Stop(restart)
			return node.Run(ctx, node.Options{
				Config: c, Version: version, Out: std.out, Logs: logs.New(std.err, c.LogFormat, c.LogLevels), Hangup: hangups(),
				Getenv: env, Restart: restart,
			})
		},
		Demo: func(ctx context.Context, o cli.DemoOptions) error { return demo.Run(ctx, demo.Options(o)) },
	})
}

// hangups are the signals by which a server is told to read its configuration again. Other commands end by them.
func hangups() <-chan os.Signal {
	c := make(chan os.Signal, 1) // several at once are one
	signal.Notify(c, syscall.SIGHUP)
	return c
}
