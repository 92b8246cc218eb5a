package config

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"github.com/zonefleet/zonefleet/internal/logs"
)

// Key is one thing that can be configured: in the file by Name, as a flag with dashes, in the environment as
// ZONEFLEET_NAME.
type Key struct {
	Name  string
	Value string // what stands for the value in help texts
	Help  string
	Many  bool // may be repeated; in the file an array, in the environment separated by commas

	// Live says that a running server takes a new value when it reloads; others take effect at the next start.
	Live bool

	set      func(*Config, []string) error // nil: read elsewhere
	show     func(Config) string           // the value as it is in effect
	path     bool
	fileOnly bool // neither a flag nor in the environment: what is run as the server is said where only root writes
}

const (
	keyConfig      = "config" // never in a file or the environment, only remembered
	keyData        = "data"
	keyClockOffset = "clock_offset"
)

// Keys lists every key, in the order of the documentation.
func Keys() []Key {
	return append([]Key{
		{Name: keyData, Value: "DIR", Help: "data folder (default " + DefaultData + ")", show: func(c Config) string { return c.Data }},
		{Name: "name", Value: "FQDN", Help: "name of this server (default: the host's name)", set: one(setName), show: func(c Config) string { return c.Name }},
		{Name: "dns", Value: "ADDR", Help: "address[:port] where DNS is answered, repeatable (default: port 53 of every address)", Many: true, set: setDNS, show: showDNS},
		{Name: "listen", Value: "ADDR", Help: "[address]:port for members, REST and the command line (default :" + DefaultPort + ")", set: one(setListen), show: func(c Config) string { return c.Listen }},
		{Name: "advertise", Value: "HOST:PORT", Help: "where members reach this server (default: its name and the port it listens on)", set: one(setAdvertise), show: func(c Config) string { return c.Advertise }},
		{Name: "profile", Value: "PROFILE", Help: "standard, or nameserver: the public listener serves members only", Live: true, set: one(setProfile), show: func(c Config) string { return string(c.Profile) }},
		{Name: "tls_cert", Value: "FILE", Help: "certificate chain, PEM, read again when it changes (default: made on first start)", Live: true, set: one(func(c *Config, s string) error { c.TLSCert = s; return nil }), show: func(c Config) string { return c.TLSCert }, path: true},
		{Name: "tls_key", Value: "FILE", Help: "key of --tls-cert, PEM", Live: true, set: one(func(c *Config, s string) error { c.TLSKey = s; return nil }), show: func(c Config) string { return c.TLSKey }, path: true},
		{Name: "allow_https", Value: "PREFIX", Help: "address or prefix that may connect to the HTTPS port at all, members too, repeatable; this host always may (default: any)", Many: true, Live: true, set: prefixes(func(c *Config) *[]netip.Prefix { return &c.AllowHTTPS }), show: func(c Config) string { return joined(c.AllowHTTPS) }},
		{Name: "allow_api", Value: "PREFIX", Help: "address or prefix that may use the API, the command line and browsers, repeatable; this host always may (default: any)", Many: true, Live: true, set: prefixes(func(c *Config) *[]netip.Prefix { return &c.AllowAPI }), show: func(c Config) string { return joined(c.AllowAPI) }},
		{Name: "allow_transfer", Value: "PREFIX", Help: "address or prefix that may transfer zones (AXFR), repeatable (default: none)", Many: true, Live: true, set: prefixes(func(c *Config) *[]netip.Prefix { return &c.AllowTransfer }), show: func(c Config) string { return joined(c.AllowTransfer) }},
		{Name: "log_level", Value: "LEVELS", Help: "debug, info, warn or error, and others for some packages: info,store=debug (default info)", Live: true, set: one(setLogLevel), show: func(c Config) string { return c.LogLevels.String() }},
		{Name: "log_format", Value: "FORMAT", Help: "text, json or auto: text on a terminal, JSON elsewhere (default auto)", Live: true, set: one(setLogFormat), show: func(c Config) string { return string(c.LogFormat) }},
		{Name: keyClockOffset, Value: "DURATION", Help: "run with a clock this far off, for tests; never remembered", set: one(setClockOffset), show: func(c Config) string { return c.ClockOffset.String() }},
	}, backupKeys()...)
}

// IsFlag says that the key can be given to serve as a flag.
func (k Key) IsFlag() bool { return !k.fileOnly }

// FlagName is a key as people write it after two dashes.
func FlagName(key string) string { return strings.ReplaceAll(key, "_", "-") }

// Env is the environment variable of the key.
func (k Key) Env() string { return "ZONEFLEET_" + strings.ToUpper(k.Name) }

func (k Key) split(v string) []string {
	if !k.Many {
		return []string{v}
	}
	parts := strings.Split(v, ",")
	for i := range parts {
		parts[i] = strings.TrimSpace(parts[i])
	}
	return parts
}

func lookup(name string) (Key, bool) {
	for _, k := range Keys() {
		if k.Name == name {
			return k, true
		}
	}
	return Key{}, false
}

// one adapts a setter of a single text.
func one(set func(*Config, string) error) func(*Config, []string) error {
	return func(c *Config, texts []string) error {
		if len(texts) != 1 {
			return errors.New("takes one value")
		}
		return set(c, texts[0])
	}
}

func setName(c *Config, s string) error {
	name, err := cleanHost(s)
	if err != nil {
		return err
	}
	c.Name = name
	return nil
}

// setDNS takes addresses with port 53 as the default. The wildcard is refused: systemd-resolved and its like hold port
// 53 of one loopback address, so the wildcard is taken, while each address of its own is free.
func setDNS(c *Config, texts []string) error {
	c.DNS = nil
	seen := map[netip.AddrPort]bool{}
	for _, s := range texts {
		ap, err := netip.ParseAddrPort(s)
		if err != nil {
			a, aerr := netip.ParseAddr(strings.Trim(s, "[]"))
			if aerr != nil {
				return fmt.Errorf("%q is not an address or address:port", s)
			}
			ap = netip.AddrPortFrom(a, 53)
		}
		if ap.Addr().IsUnspecified() {
			return fmt.Errorf("%q is the wildcard: leave dns out to answer on every address, or name each address", s)
		}
		if !seen[ap] {
			seen[ap] = true
			c.DNS = append(c.DNS, ap)
		}
	}
	return nil
}

func setListen(c *Config, s string) error {
	host, port, err := net.SplitHostPort(s)
	if err != nil {
		return fmt.Errorf("%q is not [address]:port", s)
	}
	if err := validPort(port, 0); err != nil {
		return err
	}
	if host != "" {
		if _, err := netip.ParseAddr(host); err != nil {
			return fmt.Errorf("%q is not an address of this host", host)
		}
	}
	c.Listen = s
	return nil
}

func setAdvertise(c *Config, s string) error {
	host, port, err := net.SplitHostPort(s)
	if err != nil {
		host, port = strings.Trim(s, "[]"), DefaultPort
	}
	if err := validPort(port, 1); err != nil {
		return err
	}
	if a, err := netip.ParseAddr(host); err == nil {
		if a.IsUnspecified() {
			return fmt.Errorf("%q is no address that a member can reach", s)
		}
	} else if host, err = cleanHost(host); err != nil {
		return err
	}
	c.Advertise = net.JoinHostPort(host, port)
	return nil
}

func validPort(s string, least int) error {
	if n, err := strconv.Atoi(s); err != nil || n < least || n > 65535 {
		return fmt.Errorf("%q is not a port", s)
	}
	return nil
}

func setProfile(c *Config, s string) error {
	if p := Profile(s); p == ProfileStandard || p == ProfileNameserver {
		c.Profile = p
		return nil
	}
	return fmt.Errorf("%q is not one of standard, nameserver", s)
}

// prefixes makes a setter of a list of addresses and prefixes.
func prefixes(field func(*Config) *[]netip.Prefix) func(*Config, []string) error {
	return func(c *Config, texts []string) error {
		list := field(c)
		*list = nil
		for _, s := range texts {
			p, err := netip.ParsePrefix(s)
			if err != nil {
				a, aerr := netip.ParseAddr(s)
				if aerr != nil {
					return fmt.Errorf("%q is not an address or prefix", s)
				}
				p = netip.PrefixFrom(a, a.BitLen())
			}
			*list = append(*list, p.Masked())
		}
		return nil
	}
}

func setLogLevel(c *Config, s string) (err error) {
	c.LogLevels, err = logs.ParseLevels(s)
	return err
}

func setLogFormat(c *Config, s string) error {
	if f := logs.Format(s); f == logs.Auto || f == logs.Text || f == logs.JSON {
		c.LogFormat = f
		return nil
	}
	return fmt.Errorf("%q is not one of auto, text, json", s)
}

func setClockOffset(c *Config, s string) error {
	d, err := time.ParseDuration(s)
	if err != nil {
		return fmt.Errorf("%q is not a duration like 90s or -2h", s)
	}
	c.ClockOffset = d
	return nil
}
