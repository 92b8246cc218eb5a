package cli

import (
	"context"
	"net/url"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/zonefleet/zonefleet/internal/api"
)

func (a *app) zoneCommand() *cobra.Command {
	return group("zone", "List, show, create, import, export, edit, delete, restore and check zones",
		a.zoneList(), a.zoneShow(), a.zoneCreate(), a.zoneImport(), a.zoneExport(), a.zoneEdit(), a.zoneReview(), a.zoneDelete(),
		a.zoneRestore(), a.zoneTrash(), a.zoneMoveHome(), a.zoneReplaceValue(), a.zoneTTL(), a.zoneReset(), a.zoneHistory(), a.zoneDiff(), a.zoneCheck())
}

// completeZone completes the first argument with zones of the server.
func (a *app) completeZone(c *cobra.Command, args []string, begun string) ([]string, cobra.ShellCompDirective) {
	if len(args) > 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	ctx, cancel := context.WithTimeout(c.Context(), 2*time.Second)
	defer cancel()
	list, err := get[api.ZoneList](ctx, a, url.Values{"q": {begun}, "limit": {"100"}}, "zones")
	if err != nil {
		return nil, cobra.ShellCompDirectiveError
	}
	var names []string
	for _, z := range list.Zones {
		if strings.HasPrefix(z.Name, begun) {
			names = append(names, z.Name)
		}
	}
	return names, cobra.ShellCompDirectiveNoFileComp
}
