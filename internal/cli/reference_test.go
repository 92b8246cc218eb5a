package cli

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

var update = flag.Bool("update", false, "rewrite docs/cli.md")

const docs = "../../docs"

func tree() *cobra.Command {
	a := &app{Program: Program{Getenv: func(string) string { return "" }}}
	return a.root()
}

func TestTheReferenceInTheRepositoryIsThatOfTheCommands(t *testing.T) {
	head, err := os.ReadFile("testdata/reference.md")
	if err != nil {
		t.Fatal(err)
	}
	out := bytes.NewBuffer(head)
	for _, c := range tree().Commands() {
		describe(out, c)
	}
	path := filepath.Join(docs, "cli.md")
	if *update {
		if err := os.WriteFile(path, out.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, out.Bytes()) {
		t.Error("docs/cli.md is stale: go generate ./internal/cli")
	}
}

func describe(out *bytes.Buffer, c *cobra.Command) {
	if c.HasSubCommands() {
		fmt.Fprintf(out, "\n## %s\n\n%s.\n", c.Name(), c.Short)
		for _, sub := range c.Commands() {
			describe(out, sub)
		}
		return
	}
	level := "##"
	if c.Parent().HasParent() {
		level = "###"
	}
	fmt.Fprintf(out, "\n%s %s\n\n```\n%s\n```\n\n", level, strings.TrimPrefix(c.CommandPath(), "zonefleet "), strings.TrimSuffix(c.UseLine(), " [flags]"))
	text := c.Long
	if text == "" {
		text = c.Short + "."
	}
	fmt.Fprintln(out, strings.TrimSpace(text))
	if c.Example != "" {
		fmt.Fprintf(out, "\n```sh\n%s\n```\n", strings.ReplaceAll(strings.TrimSpace(c.Example), "\n  ", "\n"))
	}
	flags := false
	c.LocalNonPersistentFlags().VisitAll(func(f *pflag.Flag) {
		if !flags {
			fmt.Fprintln(out, "\n| flag | |\n|---|---|")
			flags = true
		}
		fmt.Fprintf(out, "| `--%s` | %s |\n", f.Name, strings.ReplaceAll(f.Usage, "|", `\|`))
	})
}

// Every command that the documentation shows must exist and take what it is given there, also those that no test runs.
func TestEveryCommandInTheDocumentationExists(t *testing.T) {
	pages, err := filepath.Glob(filepath.Join(docs, "*.md"))
	if err != nil || len(pages) < 7 {
		t.Fatalf("%d pages, %v", len(pages), err)
	}
	pages = append(pages, "../../README.md")
	seen := 0
	for _, page := range pages {
		if filepath.Base(page) == "cli.md" {
			continue // made from the commands themselves
		}
		text, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		for number, line := range strings.Split(string(text), "\n") {
			for _, command := range commandsIn(line) {
				seen++
				if err := parses(command); err != nil {
					t.Errorf("%s:%d: zonefleet %s: %v", filepath.Base(page), number+1, strings.Join(command, " "), err)
				}
			}
		}
	}
	if seen < 60 {
		t.Errorf("only %d commands found: the search is broken", seen)
	}
}

// commandsIn finds what is shown as a command: a whole line, or a piece between backquotes.
func commandsIn(line string) [][]string {
	var out [][]string
	line = strings.TrimSpace(line)
	if rest, ok := strings.CutPrefix(strings.TrimPrefix(line, "$ "), "zonefleet "); ok {
		return [][]string{words(rest)}
	}
	for i, piece := range strings.Split(line, "`") {
		if rest, ok := strings.CutPrefix(piece, "zonefleet "); ok && i%2 == 1 {
			out = append(out, words(rest))
		}
	}
	return out
}

// words splits as a shell does, as far as the documentation needs it.
func words(s string) []string {
	var out []string
	var word strings.Builder
	quoted, begun := false, false
	for _, r := range s {
		switch {
		case r == '"':
			quoted, begun = !quoted, true
		case r == ' ' && !quoted:
			if begun {
				out = append(out, word.String())
			}
			word.Reset()
			begun = false
		case strings.ContainsRune("#|>", r) && !quoted && !begun:
			return out
		default:
			word.WriteRune(r)
			begun = true
		}
	}
	if begun {
		out = append(out, word.String())
	}
	return out
}

func parses(args []string) error {
	if args[0] == "completion" {
		return nil // the library's own command, added when the program runs
	}
	c, rest, err := tree().Find(args)
	if err != nil {
		return err
	}
	if c.HasSubCommands() && len(rest) > 0 {
		return fmt.Errorf("no command %s", rest[0])
	}
	c.InitDefaultHelpFlag()
	if err := c.ParseFlags(rest); err != nil {
		return err
	}
	// Words in capitals stand for what the reader has: a number where there must be one.
	given := c.Flags().Args()
	for i, arg := range given {
		if arg = strings.TrimPrefix(arg, "$"); arg == "N" || arg == "CHANGE" {
			given[i] = "1"
		}
	}
	return c.ValidateArgs(given)
}
