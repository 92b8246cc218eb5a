package client

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"strings"
)

// DefaultServer is this machine.
const DefaultServer = "https://127.0.0.1:2087"

const defaultPort = "2087"

// ErrServer says that a text names no server.
var ErrServer = errors.New("not a server: give https://HOST:PORT, HOST:PORT or HOST")

// parseServer takes a URL, HOST:PORT or HOST and returns host:port. Only HTTPS is spoken, and the API's path is ours.
func parseServer(s string) (string, error) {
	if rest, ok := strings.CutPrefix(s, "https://"); ok {
		u, err := url.Parse(s)
		if err != nil || u.User != nil || u.RawQuery != "" || u.Fragment != "" || strings.Trim(u.Path, "/") != "" || rest == "" {
			return "", fmt.Errorf("%q: %w", s, ErrServer)
		}
		s = u.Host
	}
	if strings.Contains(s, "/") || s == "" {
		return "", fmt.Errorf("%q: %w", s, ErrServer)
	}
	if a, err := netip.ParseAddr(strings.Trim(s, "[]")); err == nil {
		return net.JoinHostPort(a.String(), defaultPort), nil
	}
	host, port, err := net.SplitHostPort(s)
	if err != nil {
		host, port = s, defaultPort
	}
	if host == "" || port == "" || strings.ContainsAny(host, ": ") && !strings.Contains(host, "::") {
		return "", fmt.Errorf("%q: %w", s, ErrServer)
	}
	return net.JoinHostPort(strings.ToLower(host), port), nil
}

// isLoopback says whether host:port is this machine by its very name or address.
func isLoopback(hostport string) bool {
	host, _, err := net.SplitHostPort(hostport)
	if err != nil {
		return false
	}
	if host == "localhost" {
		return true
	}
	a, err := netip.ParseAddr(host)
	return err == nil && a.Unmap().IsLoopback()
}
