package demo

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"strings"
)

// at runs the command line against a server and returns what it prints. A failure carries what it said.
func (d *demo) at(ctx context.Context, s *server, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, d.binary, args...)
	cmd.Env = append(os.Environ(), "ZONEFLEET_SERVER=https://"+s.https, "ZONEFLEET_DATA="+s.dir, "ZONEFLEET_TOKEN=")
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Run(); err != nil {
		return out.String(), fmt.Errorf("zonefleet %s at server %d: %w: %s", strings.Join(args, " "), s.number, err, strings.TrimSpace(errs.String()))
	}
	return out.String(), nil
}

// ask is at with JSON output, decoded into answer.
func (d *demo) ask(ctx context.Context, s *server, answer any, args ...string) error {
	out, err := d.at(ctx, s, append(args, "--output", "json")...)
	if err != nil {
		return err
	}
	if err := json.Unmarshal([]byte(out), answer); err != nil {
		return fmt.Errorf("read the answer of zonefleet %s: %w", strings.Join(args, " "), err)
	}
	return nil
}
