package cli

import (
	"context"
	"errors"
	"io"

	"github.com/zonefleet/zonefleet/internal/config"
)

//go:generate go test . -run TestTheReference -update

// Program is what main hands in.
type Program struct {
	Version        string
	Getenv         func(string) string
	Stdin          io.Reader
	Stdout, Stderr io.Writer
	Serve          func(context.Context, config.Config) error
	Demo           func(context.Context, DemoOptions) error
}

// DemoOptions are the flags of demo.
type DemoOptions struct {
	Servers  int
	Zones    string
	Dir      string
	DNSPort  int
	HTTPPort int
	Tour     bool
	Out      io.Writer
}

// app is one run of the command line.
type app struct {
	Program
	global
	begun bool // the arguments made sense
}

// Run runs the command that args (without the program's name) ask for and returns the exit code.
func Run(ctx context.Context, args []string, p Program) int {
	a := &app{Program: p}
	root := a.root()
	root.SetArgs(args)
	root.SetIn(p.Stdin)
	root.SetOut(p.Stdout)
	root.SetErr(p.Stderr)
	err := root.ExecuteContext(ctx)
	if err == nil {
		return exitOK
	}
	var quiet *quietExit
	if errors.As(err, &quiet) {
		return quiet.code // the answer is already shown
	}
	if !a.begun {
		err = &usageError{err}
	}
	a.showError(err)
	return exitCode(err)
}
