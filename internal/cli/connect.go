package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/zonefleet/zonefleet/internal/client"
	"github.com/zonefleet/zonefleet/internal/config"
)

// connect finds out which server is meant, whether its key is accepted, and which token to show it.
func (a *app) connect(ctx context.Context) (*client.Client, error) {
	o := client.Options{
		Server: first(a.server, a.Getenv("ZONEFLEET_SERVER")), Fingerprint: a.fingerprint, AcceptNewKey: a.acceptNewKey,
		KnownServers: a.knownServers(), UserAgent: "zonefleet/" + a.Version,
		Pinned: func(server, fingerprint string) {
			a.errText().line("the key of %s is kept: %s", server, fingerprint)
		},
	}
	c, err := client.New(o)
	if err != nil {
		return nil, &usageError{err}
	}
	if o.User, o.Password = a.user, a.password; o.User == "" {
		if o.Token, err = a.findToken(c.Local()); err != nil {
			return nil, err
		}
	}
	err = c.Greet(ctx)
	c.Close()
	var unknown *client.UnknownKeyError
	if errors.As(err, &unknown) && a.agrees(unknown) {
		o.Fingerprint, err = unknown.Fingerprint, nil
	}
	if err != nil {
		return nil, err
	}
	return client.New(o)
}

// findToken takes the token that is given, or on the server itself the one that its first start made. That one is
// never shown to a server elsewhere.
func (a *app) findToken(local bool) (string, error) {
	switch {
	case a.token != "":
		return a.token, nil
	case a.tokenFile != "":
		return readToken(a.tokenFile)
	case a.Getenv("ZONEFLEET_TOKEN") != "":
		return a.Getenv("ZONEFLEET_TOKEN"), nil
	case !local:
		return "", withHint(errors.New("no token for that server"), "make one there with token create, then give --token, --token-file or ZONEFLEET_TOKEN")
	}
	path := filepath.Join(first(a.data, a.Getenv("ZONEFLEET_DATA"), config.DefaultData), "root.token")
	token, err := readToken(path)
	if errors.Is(err, fs.ErrNotExist) {
		return "", withHint(fmt.Errorf("no token: there is no %s%w", path, silently{fs.ErrNotExist}), "give --token, --token-file or ZONEFLEET_TOKEN, or name the data folder with --data or ZONEFLEET_DATA")
	}
	if errors.Is(err, fs.ErrPermission) {
		return "", withHint(err, "run as the user who runs the server, or give a token of your own with --token or ZONEFLEET_TOKEN")
	}
	return token, err
}

func readToken(path string) (string, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return "", fmt.Errorf("read the token: %w", err)
	}
	token := strings.TrimSpace(string(b))
	if token == "" || strings.ContainsAny(token, " \n\r\t") {
		return "", fmt.Errorf("%s does not hold one token", path)
	}
	return token, nil
}

// agrees shows the key of a server seen for the first time and asks, where there is somebody to ask.
func (a *app) agrees(e *client.UnknownKeyError) bool {
	return a.confirm(fmt.Sprintf("%s is seen for the first time. The fingerprint of its key is\n  %s\nIs that right? [y/N] ", e.Server, e.Fingerprint))
}

// confirm asks on a terminal. Where there is none the answer is no.
func (a *app) confirm(question string) bool {
	if !isTerminal(a.Stdin) || !isTerminal(a.Stderr) {
		return false
	}
	fmt.Fprint(a.Stderr, question)
	answer, _ := bufio.NewReader(a.Stdin).ReadString('\n')
	answer = strings.ToLower(strings.TrimSpace(answer))
	return answer == "y" || answer == "yes"
}

func (a *app) knownServers() string {
	dir := a.Getenv("XDG_CONFIG_HOME")
	if dir == "" {
		home := a.Getenv("HOME")
		if home == "" {
			return ""
		}
		dir = filepath.Join(home, ".config")
	}
	return filepath.Join(dir, "zonefleet", "known_servers")
}

func first(list ...string) string {
	for _, s := range list {
		if s != "" {
			return s
		}
	}
	return ""
}

// silently is an error that is there to be asked for and says nothing that was not said.
type silently struct{ error }

func (silently) Error() string { return "" }

func (s silently) Unwrap() error { return s.error }
