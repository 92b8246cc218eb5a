package cli

import (
	"fmt"

	"github.com/spf13/cobra"
)

// global are the flags of every command.
type global struct {
	server       string
	token        string
	tokenFile    string
	user         string // who signs in with a password in the place of a token; empty: nobody
	password     string
	fingerprint  string
	acceptNewKey bool
	data         string
	output       string
}

func (a *app) root() *cobra.Command {
	root := group("zonefleet", "DNS zones shared by any number of servers")
	root.Long = "ZoneFleet is a DNS cluster in one binary: write on any server, every server answers."
	root.Version = a.Version
	root.SetVersionTemplate("zonefleet {{.Version}}\n")
	root.SilenceErrors, root.SilenceUsage = true, true
	root.PersistentPreRunE = func(*cobra.Command, []string) error {
		if a.output != "text" && a.output != "json" {
			return fmt.Errorf("--output %s: there are text and json", a.output)
		}
		a.begun = true
		return nil
	}
	f := root.PersistentFlags()
	f.StringVar(&a.server, "server", "", "server to speak to: https://HOST:PORT, HOST:PORT or HOST (default https://127.0.0.1:2087; ZONEFLEET_SERVER)")
	f.StringVar(&a.token, "token", "", "API token (ZONEFLEET_TOKEN; on the server itself DATA/root.token is found)")
	f.StringVar(&a.tokenFile, "token-file", "", "file that holds the API token")
	f.StringVar(&a.fingerprint, "fingerprint", "", "fingerprint of the server's key; it is kept")
	f.BoolVar(&a.acceptNewKey, "accept-new-key", false, "keep the key of a server seen for the first time without asking")
	f.StringVar(&a.data, "data", "", "data folder (ZONEFLEET_DATA; default /var/lib/zonefleet)")
	f.StringVarP(&a.output, "output", "o", "text", "text or json")

	root.AddCommand(a.serveCommand(), a.demoCommand(), a.zoneCommand(), a.recordCommand(), a.changeCommand(), a.conflictCommand(),
		a.memberCommand(), a.backendCommand(), a.syncCommand(), a.trustedCommand(), a.clusterCommand(), a.settingsCommand(), a.notifyCommand(), a.eventsCommand(), a.logCommand(), a.reloadCommand(), a.tokenCommand(), a.userCommand(), a.resellerCommand(), a.privilegesCommand(), a.waitCommand(), a.askCommand(), a.backupCommand(),
		a.restoreCommand(), a.joinCommand(), a.restartCommand(), a.installCommand(), a.uninstallCommand(), a.signInCommand(),
		a.versionCommand())
	root.AddCommand(a.changeSetCommand(), a.templateCommand())
	return root
}

// group is a command that only holds others. Without this, a mistyped verb would print help and succeed.
func group(name, short string, commands ...*cobra.Command) *cobra.Command {
	c := &cobra.Command{
		Use: name, Short: short, Args: cobra.ArbitraryArgs,
		RunE: func(c *cobra.Command, args []string) error {
			if len(args) == 0 {
				return c.Help()
			}
			err := usage("%s has no command %s", c.CommandPath(), args[0])
			if near := c.SuggestionsFor(args[0]); len(near) > 0 {
				return withHint(err, "did you mean %s %s?", c.CommandPath(), near[0])
			}
			return err
		},
	}
	c.SuggestionsMinimumDistance = 2
	c.AddCommand(commands...)
	return c
}
