package cli

import (
	"errors"
	"fmt"
	"net/http"

	"github.com/spf13/cobra"

	"github.com/zonefleet/zonefleet/internal/api"
)

func (a *app) memberAcceptKey() *cobra.Command {
	var fingerprint string
	var yes bool
	c := &cobra.Command{
		Use: "accept-key HOST", Short: "Let a server with another key take a member's place", Args: cobra.ExactArgs(1), ValidArgsFunction: a.completeMember,
		Long: "Let a server with another key take a member's place: its rows, its tokens, and the zones whose home it is. The old and the\n" +
			"new fingerprint are shown and it asks. Compare the new one with what `zonefleet version` says on that server: whoever\n" +
			"has that key is the member from then on.",
		RunE: func(c *cobra.Command, args []string) error {
			k, err := get[api.KeyChange](c.Context(), a, nil, "members", args[0], "key")
			if err != nil {
				return err
			}
			if fingerprint == "" {
				if k.Shown == "" {
					return withHint(fmt.Errorf("%s cannot be asked which key it shows: %s", k.Name, k.Why), "give the new key with --fingerprint")
				}
				fingerprint = k.Shown
			}
			if fingerprint == k.Pinned && k.Left == 0 {
				return a.show(k, func(t *text) { t.line("%s shows the pinned key %s: there is nothing to accept", k.Name, k.Pinned) })
			}
			if k.Shown != "" && k.Shown != fingerprint {
				return withHint(fmt.Errorf("%s shows the key %s, not %s", k.Name, k.Shown, fingerprint), "nothing was changed")
			}
			k.Shown = fingerprint
			if !a.json() {
				a.errText().keyChange(k)
			}
			given := c.Flags().Changed("fingerprint") // then a person has seen it
			if !yes && !given && !a.asked("Does that server take the place of "+k.Name+"?") {
				return withHint(errors.New("nothing was changed"), "where nobody can be asked, give --fingerprint %s", fingerprint)
			}
			res, err := send[api.KeyChange](c.Context(), a, http.MethodPost, api.AcceptKey{Fingerprint: fingerprint}, nil, "members", args[0], "accept-key")
			if err != nil {
				return err
			}
			return a.show(res, func(t *text) {
				t.line("%s has the key %s now: %s, %s, %s moved", clean(res.Name), res.Shown, plural(res.Rows, "row", "rows"),
					plural(res.Tokens, "token", "tokens"), plural(res.Moved, "zone", "zones"))
				t.notices(res.Notices)
			})
		},
	}
	c.Flags().StringVar(&fingerprint, "fingerprint", "", "the new key, compared by hand: nothing is asked then")
	c.Flags().BoolVar(&yes, "yes", false, "accept the key that is shown without asking")
	return c
}

func (t *text) keyChange(k api.KeyChange) {
	t.line("%s", t.bold(clean(k.Name)))
	t.line("  pinned  %s", k.Pinned)
	t.line("  shown   %s", t.yellow(k.Shown))
	t.line("  the new key takes over %s of the table, %s, and %s at home there", plural(k.Rows, "row", "rows"),
		plural(k.Tokens, "token", "tokens"), plural(k.Homes, "zone", "zones"))
}
