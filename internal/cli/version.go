package cli

import (
	"runtime"

	"github.com/spf13/cobra"

	"github.com/zonefleet/zonefleet/internal/api"
)

func (a *app) versionCommand() *cobra.Command {
	return &cobra.Command{
		Use: "version", Short: "Say which version this is, and with --server which one a server has", Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			doc := struct {
				Version string       `json:"version"`
				Go      string       `json:"go"`
				OS      string       `json:"os"`
				Arch    string       `json:"arch"`
				Server  *api.Version `json:"server,omitempty"`
			}{Version: a.Version, Go: runtime.Version(), OS: runtime.GOOS, Arch: runtime.GOARCH}
			if c.Flags().Changed("server") {
				v, err := get[api.Version](c.Context(), a, nil, "version")
				if err != nil {
					return err
				}
				doc.Server = &v
			}
			return a.show(doc, func(t *text) {
				t.line("zonefleet %s (%s, %s/%s)", doc.Version, doc.Go, doc.OS, doc.Arch)
				if s := doc.Server; s != nil {
					t.line("%s: zonefleet %s, DNS by %s, fingerprint %s", clean(s.Name), clean(s.Version), clean(s.Software), clean(s.Fingerprint))
				}
			})
		},
	}
}
