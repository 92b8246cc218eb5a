package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"slices"

	"github.com/spf13/cobra"

	"github.com/zonefleet/zonefleet/internal/api"
	"github.com/zonefleet/zonefleet/internal/client"
	"github.com/zonefleet/zonefleet/internal/zone"
)

func (a *app) zoneCheck() *cobra.Command {
	var names []string
	c := &cobra.Command{
		Use: "check [PATH...]", Short: "Check zone files here, or the zones of the server",
		Long: "Check zone files without a server: files, folders or patterns. Without paths the server checks all its zones,\n" +
			"or those given with --zone. Exit code 1 if there are errors; warnings do not count.",
		RunE: func(c *cobra.Command, args []string) error {
			var sum api.CheckResult
			var err error
			switch {
			case len(args) > 0 && len(names) > 0:
				return usage("give paths or --zone, not both")
			case len(args) > 0:
				sum, err = a.checkFiles(args)
			default:
				sum, err = a.checkServer(c.Context(), names)
			}
			if err != nil {
				return err
			}
			return a.showCheck(sum)
		},
	}
	c.Flags().StringSliceVar(&names, "zone", nil, "zone of the server, repeatable")
	return c
}

func (a *app) showCheck(sum api.CheckResult) error {
	bad := 0
	for _, f := range sum.Findings {
		if f.Severity == "error" {
			bad++
		}
	}
	err := a.show(sum, func(t *text) {
		t.findings(sum.Findings)
		t.line("checked %s: %s, %s", plural(sum.Zones, "zone", "zones"), plural(bad, "error", "errors"), plural(len(sum.Findings)-bad, "warning", "warnings"))
	})
	if err == nil && bad > 0 {
		return &quietExit{exitError}
	}
	return err
}

func (a *app) checkFiles(args []string) (api.CheckResult, error) {
	sum := api.CheckResult{Findings: []api.Finding{}}
	paths, err := findFiles(args)
	if err != nil {
		return sum, err
	}
	bar := a.progress("checking", len(paths))
	defer bar.end()
	for _, path := range paths {
		found, err := checkFile(path)
		if err != nil {
			return sum, err
		}
		sum.Zones++
		sum.Findings = append(sum.Findings, found...)
		bar.add(1)
	}
	return sum, nil
}

func checkFile(path string) ([]api.Finding, error) {
	f, err := parseZoneFile(path)
	var mistakes zone.ParseErrors
	if errors.As(err, &mistakes) {
		return findingsOf(path, "", mistakes), nil
	}
	if err != nil {
		return nil, err
	}
	found := slices.Concat(f.Findings, zone.Lint(f.Zone, f.RRsets))
	return findingsOf(path, f.Zone.Text(), found), nil
}

// findingsOf names the file as it was given: the parser knows it only within its folder, like the files it includes.
func findingsOf(path, name string, list []zone.Finding) []api.Finding {
	out := make([]api.Finding, 0, len(list))
	for _, f := range list {
		a := api.Finding{Severity: f.Severity.String(), Zone: name, File: path, Line: f.Line, Message: f.Message}
		if f.File != "" {
			a.File = filepath.Join(filepath.Dir(path), f.File)
		}
		if f.Owner != "" {
			a.Name = f.Owner.Text()
		}
		if f.Type != 0 {
			a.Type = f.Type.String()
		}
		out = append(out, a)
	}
	return out
}

func (a *app) checkServer(ctx context.Context, names []string) (api.CheckResult, error) {
	sum := api.CheckResult{Findings: []api.Finding{}}
	c, err := a.connect(ctx)
	if err != nil {
		return sum, err
	}
	defer c.Close()
	for _, name := range names {
		var one api.CheckResult
		if err := c.Do(ctx, client.Request{Method: "GET", Path: client.Path("zones", name, "check")}, &one); err != nil {
			return sum, err
		}
		sum.Zones += one.Zones
		sum.Findings = append(sum.Findings, one.Findings...)
	}
	if len(names) > 0 {
		return sum, nil
	}
	bar := a.progress("checking", 0)
	defer bar.end()
	err = c.Each(ctx, client.Path("check"), nil, func(line []byte) error {
		var part api.CheckResult
		if err := json.Unmarshal(line, &part); err != nil {
			return fmt.Errorf("read the answer: %w", err)
		}
		if part.Problem != nil {
			return part.Problem
		}
		sum.Zones += part.Zones
		sum.Findings = append(sum.Findings, part.Findings...)
		bar.add(part.Zones)
		return nil
	})
	return sum, err
}
