// Command bench measures a cluster of real processes on this machine and prints one Markdown table: how fast zones go in,
// how long a change takes to be served everywhere, how fast an empty server is filled, how fast a full one starts, and
// what a zone costs in memory. `make bench` runs it.
//
// Method: each server is a `zonefleet serve` process with its own folder on the real disk, so fsync is paid. Times are
// taken outside the servers, but for propagation, which is from the commit to the last server that says it serves the
// change. Machines are shared and noisy: compare rows of one run, not runs.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"time"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	var o options
	flag.StringVar(&o.binary, "binary", "bin/zonefleet", "program to measure")
	flag.StringVar(&o.dir, "dir", "", "folder for the servers' data (default: a temporary one)")
	flag.IntVar(&o.zones, "zones", 0, "zones of the large server, or of the cluster (default: 100000; edits: 10000)")
	flag.IntVar(&o.sync, "sync", 10_000, "zones that fill an empty server")
	flag.IntVar(&o.edits, "edits", 300, "edits whose propagation is measured")
	flag.IntVar(&o.rounds, "rounds", 3, "rounds of what is measured as a whole")
	flag.StringVar(&o.what, "what", "speed", "speed, quiet, edits, compare or pages")
	flag.IntVar(&o.servers, "servers", 0, "quiet, compare, edits and pages: servers of the cluster (default: 5; edits: 3; pages: 6)")
	flag.DurationVar(&o.minutes, "time", 10*time.Minute, "quiet and edits: how long is measured")
	flag.DurationVar(&o.settle, "settle", time.Minute, "quiet, compare and pages: how long nothing is measured before")
	flag.IntVar(&o.views, "views", 200, "pages: how often each page is asked for")
	flag.IntVar(&o.rate, "rate", 24_000, "edits: edits a minute")
	flag.StringVar(&o.only, "only", "", "edits: only \"spread\", \"one zone\" or \"two writers\"")
	flag.Parse()
	if err := run(ctx, o); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}
