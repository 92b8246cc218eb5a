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

func readFile(path string, wrong *Mistakes) layer {
	b, err := os.ReadFile(path)
	if err != nil {
		wrong.add(fmt.Errorf("read configuration: %w", err))
		return nil
	}
	return parse(path, b, false, wrong)
}

// parse reads the TOML form. Every mistake names the file and the line; a value is only looked at as text here, because
// a stronger layer may replace it, but its line goes with it for the message. Where the file is no TOML, reading ends.
//
// The library's ordinary decoder forgets lines, so its parser is used below that.
func parse(path string, b []byte, remembered bool, wrong *Mistakes) layer {
	if len(b) > maxFile {
		wrong.add(fmt.Errorf("%s: larger than %d bytes", path, maxFile))
		return nil
	}
	var p unstable.Parser
	p.Reset(b)
	l := layer{}
	table := false
	for p.NextExpression() {
		e := p.Expression()
		at := fmt.Sprintf("%s:%d", path, line(&p, e))
		if e.Kind != unstable.KeyValue {
			wrong.add(fmt.Errorf("%s: there are no tables here, only key = value", at))
			table = true
			continue
		}
		if table {
			continue // belongs to a table that is named already
		}
		if err := l.take(at, e, remembered); err != nil {
			wrong.add(err)
		}
	}
	if err := p.Error(); err != nil {
		wrong.add(fmt.Errorf("%s: %w", errorPlace(path, &p, err), err))
	}
	return l
}

func (l layer) take(at string, e *unstable.Node, remembered bool) error {
	name := keyName(e)
	k, ok := lookup(name)
	if remembered && k.fileOnly || !ok && !(remembered && name == keyConfig) {
		return fmt.Errorf("%s: unknown key %s%s", at, name, suggest(name))
	}
	if _, twice := l[name]; twice {
		return fmt.Errorf("%s: %s is given twice", at, name)
	}
	texts, err := values(e.Value(), k.Many)
	if err != nil {
		return fmt.Errorf("%s: %s: %w", at, name, err)
	}
	l[name] = given{texts, at}
	return nil
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
