package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	var o options
	flag.StringVar(&o.binary, "binary", "bin/zonefleet", "program to test")
	flag.StringVar(&o.dir, "dir", "", "folder for everything (default: a temporary one, removed unless something is wrong)")
	flag.DurationVar(&o.duration, "duration", 10*time.Minute, "how long there are edits and faults")
	flag.DurationVar(&o.grace, "grace", defaultGrace, "how long after the end all servers must be equal")
	flag.Uint64Var(&o.seed, "seed", 0, "what happens (default: another each time)")
	flag.IntVar(&o.servers, "servers", 0, "number of servers, 3 to 5 (default: by the seed)")
	flag.IntVar(&o.zones, "zones", defaultZones, "number of zones at the start")
	flag.IntVar(&o.rate, "rate", defaultRate, "edits a second, all clients together")
	flag.BoolVar(&o.jumps, "jumps", false, "the program is one whose clock can be set, as the tests of the storm build it")
	flag.StringVar(&o.faults, "faults", "", "only these faults, by commas (default: all)")
	flag.Parse()
	if o.seed == 0 {
		o.seed = uint64(time.Now().UnixNano()) % 1_000_000
	}
	if err := enterSpaces(); err != nil {
		withoutCables(os.Stdout, err)
	}
	good, err := run(ctx, o, os.Stdout)
	if err != nil {
		fmt.Fprintln(os.Stderr, "storm:", err)
	}
	if err != nil || !good {
		os.Exit(1)
	}
}
