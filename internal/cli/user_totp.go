package cli

import (
	"bufio"
	"fmt"
	"net/http"
	"os"
	"strings"

	"github.com/spf13/cobra"
	"rsc.io/qr"

	"github.com/zonefleet/zonefleet/internal/api"
)

func (a *app) userTOTP() *cobra.Command {
	return &cobra.Command{
		Use: "totp NAME", Short: "Set an own authenticator up: a code is asked for beside the password from then on", Args: cobra.ExactArgs(1),
		Long: "Set the authenticator of NAME up. It shows a secret (on a terminal also as a picture to scan), asks for a code that\n" +
			"comes of it, and shows ten recovery codes, each of which works once. Both are shown this once.\n" +
			"Root is known by the token at hand; anybody else by the password, which is asked for. Without a terminal both are read\n" +
			"from standard input: the password in the first line, unless NAME is root, and the code in the next.",
		RunE: func(c *cobra.Command, args []string) error {
			in := bufio.NewScanner(a.Stdin)
			if args[0] != "root" {
				if err := a.signInAs(c, args[0], in); err != nil {
					return err
				}
			}
			path := []string{"users", args[0], "totp"}
			offer, err := send[api.TOTPResult](c.Context(), a, http.MethodPost, api.TOTP{}, nil, path...)
			if err == nil {
				err = a.show(offer, func(t *text) { t.offer(offer, isTerminal(a.Stdout)) })
			}
			if err != nil {
				return err
			}
			code, err := a.line(in, "code that the authenticator shows: ")
			if err != nil {
				return err
			}
			done, err := send[api.TOTPResult](c.Context(), a, http.MethodPost, api.TOTP{Secret: offer.Secret, Code: code}, nil, path...)
			if err != nil {
				return err
			}
			return a.show(done, func(t *text) {
				t.line("%s signs in with a code from now on. Recovery codes, each works once, keep them:", clean(args[0]))
				for _, r := range done.Recovery {
					t.line("%s", clean(r))
				}
			})
		},
	}
}

// signInAs has the command speak as a user with a password, not with a token: a token does not change how its owner signs in.
func (a *app) signInAs(c *cobra.Command, user string, in *bufio.Scanner) (err error) {
	a.user = user
	if f, ok := a.Stdin.(*os.File); ok && isTerminal(f) {
		a.password, err = a.hidden(c.Context(), f, "password of "+clean(user)+" (it is not shown): ")
	} else {
		a.password, err = a.line(in, "")
	}
	return err
}

// line reads one line of standard input; where somebody types it, the prompt is shown first.
func (a *app) line(in *bufio.Scanner, prompt string) (string, error) {
	if isTerminal(a.Stdin) {
		fmt.Fprint(a.Stderr, prompt)
	}
	if !in.Scan() || strings.TrimSpace(in.Text()) == "" {
		return "", usage("nothing was given on standard input")
	}
	return strings.TrimRight(in.Text(), "\r"), nil
}

// offer is a secret to be confirmed.
func (t *text) offer(o api.TOTPResult, picture bool) {
	t.line("secret  %s", clean(o.Secret))
	t.line("link    %s", clean(o.URI))
	if picture {
		for _, row := range blocks(o.URI) {
			t.line("%s", row)
		}
	}
}

// quiet is the margin that readers need (ISO/IEC 18004 section 6.3.8).
const quiet = 4

// blocks draws a QR code, two rows of it in one of text, light squares as blocks: most terminals are dark. What cannot be
// drawn has no rows: the text beside it says the same.
func blocks(uri string) (rows []string) {
	code, err := qr.Encode(uri, qr.L)
	if err != nil {
		return nil
	}
	light := func(x, y int) bool { return !code.Black(x, y) } // outside of the code nothing is black
	for y := -quiet; y < code.Size+quiet; y += 2 {
		var row strings.Builder
		for x := -quiet; x < code.Size+quiet; x++ {
			switch upper, lower := light(x, y), light(x, y+1); {
			case upper && lower:
				row.WriteRune('█')
			case upper:
				row.WriteRune('▀')
			case lower:
				row.WriteRune('▄')
			default:
				row.WriteByte(' ')
			}
		}
		rows = append(rows, row.String())
	}
	return rows
}
