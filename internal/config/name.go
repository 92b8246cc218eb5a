package config

import (
	"context"
	"fmt"
	"net"
	"os"
	"strings"
	"time"
)

// hostname is the host's name, completed by the resolver when the system knows only its first label.
func hostname(ask func() (string, error)) (string, error) {
	if ask == nil {
		ask = systemName
	}
	host, err := ask()
	if err != nil {
		return "", fmt.Errorf("name of this host: %w (give --name)", err)
	}
	name, err := cleanHost(host)
	if err != nil {
		return "", fmt.Errorf("name of this host: %w (give --name)", err)
	}
	return name, nil
}

func systemName() (string, error) {
	host, err := os.Hostname()
	if err != nil || strings.Contains(host, ".") {
		return host, err
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	full, err := net.DefaultResolver.LookupCNAME(ctx, host)
	if full = strings.TrimSuffix(full, "."); err == nil && strings.HasPrefix(full, host+".") {
		return full, nil
	}
	return host, nil
}

// cleanHost checks a host name (RFC 1123 section 2.1) and returns it in lower case without a final dot.
func cleanHost(s string) (string, error) {
	name := strings.ToLower(strings.TrimSuffix(s, "."))
	if name == "" || len(name) > 253 {
		return "", fmt.Errorf("%q is not a host name", s)
	}
	for _, label := range strings.Split(name, ".") {
		ok := label != "" && len(label) <= 63 && label[0] != '-' && label[len(label)-1] != '-'
		if !ok || strings.Trim(label, "abcdefghijklmnopqrstuvwxyz0123456789-") != "" {
			return "", fmt.Errorf("%q is not a host name: labels of letters, digits and dashes, separated by dots", s)
		}
	}
	return name, nil
}
