package cli

import (
	"context"
	"net"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"github.com/zonefleet/zonefleet/internal/api"
)

func (a *app) memberCommand() *cobra.Command {
	return group("member", "List, add, edit and remove servers of the DNS cluster",
		a.memberList(), a.memberAdd(), a.memberRole(), a.memberEdit(),
		a.memberVerb("enable", "Let a disabled member go on where it stopped"),
		a.memberVerb("disable", "Stop working with a member until it is enabled"),
		a.memberSync(), a.memberNameserver(),
		a.memberRemove(), a.memberInvite(), a.memberInvites(), a.memberUninvite(), a.memberAcceptKey())
}

func (a *app) memberList() *cobra.Command {
	return &cobra.Command{
		Use: "list", Short: "List the DNS cluster table", Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			list, err := get[api.MemberList](c.Context(), a, nil, "members")
			if err != nil {
				return err
			}
			return a.show(list, func(t *text) {
				if len(list.Members) == 0 {
					t.line("no members")
					return
				}
				t.members(list.Members)
			})
		},
	}
}

func (t *text) members(list []api.Member) {
	tb := t.table("HOST", "NAME", "ROLE", "ZONES", "STATE", "WAITING", "OLDEST", "VERSION")
	for _, m := range list {
		oldest := "-"
		if m.Oldest != nil {
			oldest = time.Since(*m.Oldest).Round(time.Second).String()
		}
		tb.row(net.JoinHostPort(m.Host, strconv.Itoa(m.Port)), orDash(m.Name), m.Role, m.Zones, memberState(m), strconv.Itoa(m.Waiting), oldest, orDash(m.Version))
	}
	tb.paint(func(column int, cell string) func(string) string {
		switch {
		case column == 4 && cell == "connected":
			return t.green
		case column == 4:
			return t.red
		case column == 5 && cell != "0":
			return t.yellow
		}
		return nil
	})
	tb.print()
	for _, m := range list {
		if m.LastError != "" && !m.Connected { // otherwise it is over
			t.line("%s", t.dim(clean(memberLabel(m)+": "+m.LastError)))
		}
	}
}

func memberState(m api.Member) string {
	switch {
	case m.State != "active":
		return m.State
	case m.ShownKey != "":
		return "key changed"
	case m.Connected:
		return "connected"
	case m.Failures > 0:
		return "no answer (" + strconv.Itoa(m.Failures) + ")"
	}
	return "connecting"
}

// completeMember completes the first argument with hosts of the table.
func (a *app) completeMember(c *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	if len(args) > 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	ctx, cancel := context.WithTimeout(c.Context(), 2*time.Second)
	defer cancel()
	list, err := get[api.MemberList](ctx, a, nil, "members")
	if err != nil {
		return nil, cobra.ShellCompDirectiveError
	}
	var hosts []string
	for _, m := range list.Members {
		hosts = append(hosts, m.Host)
	}
	return hosts, cobra.ShellCompDirectiveNoFileComp
}

// memberVerb is a command that takes a member and nothing else.
func (a *app) memberVerb(verb, short string) *cobra.Command {
	return &cobra.Command{
		Use: verb + " HOST", Short: short, Args: cobra.ExactArgs(1), ValidArgsFunction: a.completeMember,
		Long: short + ". HOST is the host as it was added, or the name that the server gives itself.",
		RunE: func(c *cobra.Command, args []string) error {
			res, err := send[api.MemberResult](c.Context(), a, "POST", nil, nil, "members", args[0], verb)
			if err != nil {
				return err
			}
			return a.showMember(res)
		},
	}
}

func (a *app) showMember(res api.MemberResult) error {
	return a.show(res, func(t *text) {
		m := res.Member
		t.line("%s  %s, %s", t.bold(clean(first(m.Name, m.Host))), m.Role, m.State)
		for _, d := range res.Does {
			t.line("  %s", clean(d))
		}
		t.notices(res.Notices)
	})
}

func (t *text) notices(list []string) {
	for _, n := range list {
		t.line("%s %s", t.yellow("notice:"), clean(n))
	}
}

// memberLabel is what people call a member: several may share a host.
func memberLabel(m api.Member) string {
	if m.Name != "" {
		return m.Name
	}
	return m.Host
}
