package config

import "strings"

// Value is a key as it is in effect.
type Value struct {
	Key  string
	Text string // empty: none
	From string // file and line, flag, variable, or what it follows from
	Live bool   // a running server takes a new one when it reloads
}

// Effective lists every key with the value in effect and where it comes from. There are no secrets among them.
func (c Config) Effective() []Value {
	var list []Value
	for _, k := range Keys() {
		v := Value{Key: k.Name, Text: k.show(c), From: c.sources[k.Name], Live: k.Live}
		if v.From == "" {
			v.From = "default"
		}
		list = append(list, v)
	}
	return list
}

// Changed lists the values of c that differ from those of old.
func (c Config) Changed(old Config) []Value {
	var list []Value
	before := old.Effective()
	for i, v := range c.Effective() {
		if v.Text != before[i].Text {
			list = append(list, v)
		}
	}
	return list
}

// With returns c with the live values of other, which takes effect at once, and everything else as it was.
func (c Config) With(other Config) Config {
	c.Profile, c.TLSCert, c.TLSKey, c.AllowTransfer = other.Profile, other.TLSCert, other.TLSKey, other.AllowTransfer
	c.AllowHTTPS, c.AllowAPI = other.AllowHTTPS, other.AllowAPI
	c.LogLevels, c.LogFormat, c.Backup = other.LogLevels, other.LogFormat, other.Backup
	return c
}

func showDNS(c Config) string {
	if len(c.DNS) == 0 {
		return "port 53 of every address"
	}
	return joined(c.DNS)
}

func joined[T interface{ String() string }](list []T) string {
	texts := make([]string, len(list))
	for i, v := range list {
		texts[i] = v.String()
	}
	return strings.Join(texts, ", ")
}
