package cli

import "github.com/spf13/cobra"

func (a *app) demoCommand() *cobra.Command {
	o := DemoOptions{Out: a.Stdout}
	c := &cobra.Command{
		Use: "demo", Short: "Run a cluster of servers on this machine, with zones in it", Args: cobra.NoArgs,
		Long: "Run a web server and nameservers on loopback, linked with each other, until interrupted. Nothing is left behind,\n" +
			"unless --dir keeps the data.",
		RunE: func(c *cobra.Command, _ []string) error { return a.Demo(c.Context(), o) },
	}
	f := c.Flags()
	f.IntVar(&o.Servers, "servers", 3, "how many, 2 to 9")
	f.StringVar(&o.Zones, "zones", "", "folder of zone files to import (default: a small set of its own)")
	f.StringVar(&o.Dir, "dir", "", "keep the data here, and start again from it")
	f.IntVar(&o.DNSPort, "dns-port", 5301, "DNS port of the first server; the others follow")
	f.IntVar(&o.HTTPPort, "http-port", 2187, "HTTPS port of the first server; the others follow")
	f.BoolVar(&o.Tour, "tour", false, "show in a minute what the cluster does, then end")
	return c
}
