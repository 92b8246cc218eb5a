package cli

import (
	"io"
	"net/http"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/zonefleet/zonefleet/internal/api"
	"github.com/zonefleet/zonefleet/internal/client"
)

func (a *app) templateCommand() *cobra.Command {
	return group("template", "List, show, set, delete and try zone templates",
		a.templateList(), a.templateShow(), a.templateSet(), a.templateDelete(), a.templatePreview())
}

func (a *app) templateList() *cobra.Command {
	var variables bool
	c := &cobra.Command{
		Use: "list", Short: "List zone templates", Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			list, err := get[api.TemplateList](c.Context(), a, nil, "templates")
			if err != nil {
				return err
			}
			return a.show(list, func(t *text) {
				if variables {
					tb := t.table("VARIABLE", "MEANS")
					for _, v := range list.Variables {
						tb.row("%"+v.Name+"%", v.Means)
					}
					tb.print()
					return
				}
				tb := t.table("TEMPLATE", "OF", "CHANGED")
				for _, p := range list.Templates {
					owner, changed := "built in", "-"
					if p.Owner != "" {
						owner, changed = p.Owner, when(p.Changed)
					}
					tb.row(p.Name, owner, changed)
				}
				tb.print()
			})
		},
	}
	c.Flags().BoolVar(&variables, "variables", false, "list what can stand in a template instead")
	return c
}

func (a *app) templateShow() *cobra.Command {
	return &cobra.Command{
		Use: "show NAME", Short: "Show a zone template", Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			p, err := get[api.Template](c.Context(), a, nil, "templates", args[0])
			if err != nil {
				return err
			}
			return a.show(p, func(t *text) { t.lines(p.Text) })
		},
	}
}

func (a *app) templateSet() *cobra.Command {
	return &cobra.Command{
		Use: "set NAME FILE", Short: "Write a zone template of one's own", Args: cobra.ExactArgs(2),
		Long: "Write a zone template of one's own from a file, or from standard input with -. It is tried with an example first. One that\n" +
			"has the name of a built-in one, or of root's, goes before it. Templates are this server's and do not travel.",
		RunE: func(c *cobra.Command, args []string) error {
			b, err := a.readAll(args[1])
			if err != nil {
				return err
			}
			p, err := send[api.Template](c.Context(), a, http.MethodPut, api.TemplateText{Text: string(b)}, nil, "templates", args[0])
			if err != nil {
				return err
			}
			return a.show(p, func(t *text) { t.line("template %s of %s is set", p.Name, clean(p.Owner)) })
		},
	}
}

// readAll reads a file, or standard input.
func (a *app) readAll(file string) ([]byte, error) {
	if file == "-" {
		return io.ReadAll(a.Stdin)
	}
	return os.ReadFile(file)
}

func (a *app) templateDelete() *cobra.Command {
	return &cobra.Command{
		Use: "delete NAME", Short: "Delete a zone template of one's own", Args: cobra.ExactArgs(1),
		Long: "Delete a zone template of one's own. Root's, or a built-in one, of the same name counts again. Zones stay as they are.",
		RunE: func(c *cobra.Command, args []string) error {
			server, err := a.connect(c.Context())
			if err != nil {
				return err
			}
			defer server.Close()
			if err := server.Do(c.Context(), client.Request{Method: http.MethodDelete, Path: client.Path("templates", args[0])}, nil); err != nil {
				return err
			}
			return a.show(struct {
				Deleted string `json:"deleted"`
			}{args[0]}, func(t *text) { t.line("template %s is deleted", args[0]) })
		},
	}
}

// addressFlags are what templates put in.
type addressFlags struct{ ipv4, ipv6, ftp string }

func (f *addressFlags) add(c *cobra.Command) {
	c.Flags().StringVar(&f.ipv4, "ip", "", "IPv4 address that the template puts in")
	c.Flags().StringVar(&f.ipv6, "ipv6", "", "IPv6 address that the template puts in")
	c.Flags().StringVar(&f.ftp, "ftp-ip", "", "IPv4 address of FTP (default: the one of --ip)")
}

func (a *app) templatePreview() *cobra.Command {
	var f addressFlags
	var try api.TemplateTry
	var file string
	c := &cobra.Command{
		Use: "preview NAME ZONE", Short: "Show what a template makes of a zone", Args: cobra.ExactArgs(2),
		RunE: func(c *cobra.Command, args []string) error {
			try.Zone, try.IPv4, try.IPv6, try.FTP = args[1], f.ipv4, f.ipv6, f.ftp
			if file != "" {
				b, err := a.readAll(file)
				if err != nil {
					return err
				}
				try.Text = string(b)
			}
			p, err := send[api.TemplatePreview](c.Context(), a, http.MethodPost, try, nil, "templates", args[0], "preview")
			if err != nil {
				return err
			}
			return a.show(p, func(t *text) {
				t.lines(p.Text)
				t.findings(p.Findings)
			})
		},
	}
	f.add(c)
	c.Flags().StringVar(&try.Owner, "owner", "", "account that would own the zone")
	c.Flags().StringVar(&file, "file", "", "try the text of this file instead; - is standard input")
	return c
}

// lines shows a text of several lines.
func (t *text) lines(s string) {
	for line := range strings.Lines(s) {
		t.line("%s", clean(strings.TrimRight(line, "\n")))
	}
}
