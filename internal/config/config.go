package config

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
	"time"

	"github.com/zonefleet/zonefleet/internal/logs"
)

// Profile says which doors the public listener has.
type Profile string

// Profiles.
const (
	ProfileStandard   Profile = "standard"   // every door
	ProfileNameserver Profile = "nameserver" // members only; REST listens on loopback
)

// DefaultData is the data folder when none is given, for servers and for the command line that looks for their token.
const DefaultData = "/var/lib/zonefleet"

// DefaultPort is where every server listens for members, REST and the command line.
const DefaultPort = "2087"

// Config is everything that `serve` needs to know, valid as a whole.
type Config struct {
	Name          string           // FQDN of this server, lower case, without a final dot
	Data          string           // absolute path of the data folder
	DNS           []netip.AddrPort // where DNS is answered; none: port 53 of every address of the host
	Listen        string           // host:port of the HTTPS listener; an empty host is every address
	Advertise     string           // host:port by which members reach this server
	Profile       Profile
	TLSCert       string // certificate and key files; both empty: made on first start
	TLSKey        string
	AllowHTTPS    []netip.Prefix // who may connect to the HTTPS port, this host besides; none: everybody
	AllowAPI      []netip.Prefix // who may use REST and the browsers' pages there, this host besides; none: everybody
	AllowTransfer []netip.Prefix // who may transfer zones by AXFR
	LogLevels     logs.Levels
	LogFormat     logs.Format
	Backup        Backup
	ClockOffset   time.Duration // added to the clock, for tests of skewed servers

	in       Input
	sources  map[string]string // of each key: where its value comes from
	remember layer             // the flags to keep, those of earlier starts included
}

// Input is what the operator said.
type Input struct {
	// File is the configuration file given now, empty if none. It is remembered like a flag.
	File string
	// Flags holds the flags given now, by key; a flag that may be repeated has several values.
	Flags map[string][]string
	// Getenv looks up the environment.
	Getenv func(string) string
	// Hostname is asked for the name of this host when none is given; nil asks the system.
	Hostname func() (string, error)
}

// layer is one source of values: the texts given for a key, and where they were given, for messages.
type layer map[string]given

type given struct {
	texts []string
	from  string
}

// Load puts the layers over each other and validates the outcome. It reads files but writes none. Its error is Mistakes,
// all of them.
func Load(in Input) (Config, error) {
	var wrong Mistakes
	flags := flagLayer(in, &wrong)
	env := envLayer(in.Getenv)

	// The data folder can be named in the file, and a file can be remembered in the data folder; a file given now
	// answers first, and a file that is remembered does not move the folder it was remembered in.
	var file layer
	if in.File != "" {
		file = readFile(in.File, &wrong)
	}
	data, err := filepath.Abs(pick(keyData, flags, env, file).first(DefaultData))
	if err != nil {
		wrong.add(fmt.Errorf("data folder: %w", err))
		return Config{}, wrong
	}
	remembered := readRemembered(data, &wrong)
	if old, ok := remembered[keyConfig]; ok && in.File == "" {
		var missing Mistakes
		file = readFile(old.first(""), &missing)
		for _, err := range missing {
			wrong.add(fmt.Errorf("%w (remembered in %s: give --config, or delete the line)", err, rememberedPath(data)))
		}
	}
	c := build(data, in, &wrong, flags, remembered, env, file)
	if len(wrong) > 0 {
		return Config{}, wrong
	}
	c.in, c.remember = in, merge(flags, remembered).without(keyData, keyClockOffset)
	return c, nil
}

// Reload reads again what c was loaded from: the files may have changed.
func (c Config) Reload() (Config, error) { return Load(c.in) }

// build sets each key from the strongest layer that has it, then fills in what depends on other values.
func build(data string, in Input, wrong *Mistakes, layers ...layer) Config {
	c := Config{Data: data, Listen: ":" + DefaultPort, Profile: ProfileStandard, LogFormat: logs.Auto, Backup: Backup{At: backupAt, Keep: backupKeep}, sources: map[string]string{}}
	for _, k := range Keys() {
		g := pick(k.Name, layers...)
		if g.texts == nil {
			continue
		}
		c.sources[k.Name] = g.from
		if k.set == nil {
			continue
		}
		if err := k.set(&c, g.texts); err != nil {
			wrong.add(fmt.Errorf("%s: %s: %w", g.from, k.Name, err))
		}
	}
	if (c.TLSCert == "") != (c.TLSKey == "") {
		wrong.add(fmt.Errorf("%s: tls_cert and tls_key belong together: give both, or neither for a certificate made on first start",
			c.sources["tls_cert"]+c.sources["tls_key"]))
	}
	if twice, ok := c.sharedPort(); ok {
		wrong.add(fmt.Errorf("%s: listen %s and dns %s are one TCP port: DNS is answered there over TCP too, so HTTPS needs another",
			cmp.Or(c.sources["listen"], c.sources["dns"]), c.Listen, twice))
	}
	if c.sources["name"] == "" {
		name, err := hostname(in.Hostname)
		if err != nil {
			wrong.add(err)
		}
		c.Name, c.sources["name"] = name, "name of this host"
	}
	if c.Backup.Dir == "" {
		c.Backup.Dir = filepath.Join(data, "backups")
	}
	if c.Advertise == "" {
		_, port, _ := net.SplitHostPort(c.Listen)
		c.Advertise = net.JoinHostPort(c.Name, port)
		c.sources["advertise"] = "name and listen"
	}
	return c
}

// sharedPort returns an address of DNS that the HTTPS listener would have too. Port 0 is a free one at each.
func (c Config) sharedPort() (netip.AddrPort, bool) {
	host, text, err := net.SplitHostPort(c.Listen)
	if err != nil {
		return netip.AddrPort{}, false // its own mistake
	}
	at, _ := netip.ParseAddr(host) // a name is looked up when it listens, and refused there
	every := host == "" || at.IsUnspecified()
	for _, a := range c.DNS {
		if a.Port() != 0 && text == strconv.Itoa(int(a.Port())) && (every || a.Addr().Unmap() == at.Unmap()) {
			return a, true
		}
	}
	return netip.AddrPort{}, false
}

func flagLayer(in Input, wrong *Mistakes) layer {
	l := layer{}
	for name, texts := range in.Flags {
		if k, _ := lookup(name); k.path && len(texts) == 1 {
			// A remembered path must mean the same file when the next start has another working directory.
			path, err := filepath.Abs(texts[0])
			if err != nil {
				wrong.add(fmt.Errorf("flag --%s: %w", FlagName(name), err))
			}
			texts = []string{path}
		}
		l[name] = given{texts, "flag --" + FlagName(name)}
	}
	if in.File != "" {
		path, err := filepath.Abs(in.File)
		if err != nil {
			wrong.add(fmt.Errorf("flag --config: %w", err))
		}
		l[keyConfig] = given{[]string{path}, "flag --config"}
	}
	return l
}

func envLayer(getenv func(string) string) layer {
	l := layer{}
	if getenv == nil {
		return l
	}
	for _, k := range Keys() {
		if v := getenv(k.Env()); v != "" && !k.fileOnly {
			l[k.Name] = given{k.split(v), "environment " + k.Env()}
		}
	}
	return l
}

func pick(key string, layers ...layer) given {
	for _, l := range layers {
		if g, ok := l[key]; ok {
			return g
		}
	}
	return given{}
}

func (g given) first(otherwise string) string {
	if len(g.texts) == 0 || g.texts[0] == "" {
		return otherwise
	}
	return g.texts[0]
}

func merge(strong, weak layer) layer {
	out := layer{}
	for k, g := range weak {
		out[k] = g
	}
	for k, g := range strong {
		out[k] = g
	}
	return out
}

func (l layer) without(keys ...string) layer {
	for _, k := range keys {
		delete(l, k)
	}
	return l
}

func readIfExists(path string) ([]byte, error) {
	b, err := os.ReadFile(path)
	// A folder that cannot be one is for the start, or the check, to complain about.
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR) {
		return nil, nil
	}
	return b, err
}
