package config

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/pelletier/go-toml/v2/unstable"
)

// maxFile bounds a configuration file before it is read as TOML.
const maxFile = 1 << 20

func readFile(path string) (layer, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read configuration: %w", err)
	}
	return parse(path, b, false)
}

// parse reads the TOML form. Every error names the file and the line; a value is only looked at as text here, because
// a stronger layer may replace it, but its line goes with it for the message.
//
// The library's ordinary decoder forgets lines, so its parser is used below that.
func parse(path string, b []byte, remembered bool) (layer, error) {
	if len(b) > maxFile {
		return nil, fmt.Errorf("%s: larger than %d bytes", path, maxFile)
	}
	var p unstable.Parser
	p.Reset(b)
	l := layer{}
	for p.NextExpression() {
		e := p.Expression()
		at := fmt.Sprintf("%s:%d", path, line(&p, e))
		if e.Kind != unstable.KeyValue {
			return nil, fmt.Errorf("%s: there are no tables here, only key = value", at)
		}
		name := keyName(e)
		k, ok := lookup(name)
		if !ok && !(remembered && name == keyConfig) {
			return nil, fmt.Errorf("%s: unknown key %s%s", at, name, suggest(name))
		}
		if _, twice := l[name]; twice {
			return nil, fmt.Errorf("%s: %s is given twice", at, name)
		}
		texts, err := values(e.Value(), k.Many)
		if err != nil {
			return nil, fmt.Errorf("%s: %s: %w", at, name, err)
		}
		l[name] = given{texts, at}
	}
	if err := p.Error(); err != nil {
		return nil, fmt.Errorf("%s: %w", errorPlace(path, &p, err), err)
	}
	return l, nil
}

func line(p *unstable.Parser, e *unstable.Node) int {
	it := e.Key()
	if it.Next() {
		return p.Shape(it.Node().Raw).Start.Line
	}
	return p.Shape(e.Raw).Start.Line
}

func keyName(e *unstable.Node) string {
	var parts []string
	for it := e.Key(); it.Next(); {
		parts = append(parts, string(it.Node().Data))
	}
	return strings.Join(parts, ".")
}

func values(v *unstable.Node, many bool) ([]string, error) {
	switch {
	case v.Kind == unstable.String:
		return []string{string(v.Data)}, nil
	case v.Kind == unstable.Array && many:
		texts := []string{}
		for it := v.Children(); it.Next(); {
			if it.Node().Kind != unstable.String {
				return nil, errors.New(`the array takes strings in quotes`)
			}
			texts = append(texts, string(it.Node().Data))
		}
		return texts, nil
	case many:
		return nil, errors.New(`takes a string in quotes or an array of them`)
	}
	return nil, errors.New(`takes a string in quotes`)
}

func errorPlace(path string, p *unstable.Parser, err error) string {
	var pe *unstable.ParserError
	if !errors.As(err, &pe) || len(pe.Highlight) == 0 {
		return path
	}
	return fmt.Sprintf("%s:%d", path, p.Shape(p.Range(pe.Highlight)).Start.Line)
}

// suggest names the key that was probably meant: dashes for underscores, or one that begins or ends alike.
func suggest(name string) string {
	plain := strings.ReplaceAll(name, "-", "_")
	for _, k := range Keys() {
		alike := k.Name == plain || strings.HasPrefix(k.Name, plain) || strings.HasPrefix(plain, k.Name)
		if alike && plain != "" {
			return fmt.Sprintf(" (did you mean %s?)", k.Name)
		}
	}
	return " (docs/configuration.md lists the keys)"
}
