package cli

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// A server newer than this command line may have settings of any shape.
const someSettings = `{"nameservers":["ns1.example"],"empty":[],"contact":"","keep":90,"brake":{"on":true,"share":0.3,"deep":{"list":[1,2]}}}`

func TestASettingKeepsItsKind(t *testing.T) {
	for name, c := range map[string]struct {
		key    string
		values []string
		want   string // of the value afterwards, as JSON; empty: refused
	}{
		"list":              {"nameservers", []string{"a.example", "b.example"}, `["a.example","b.example"]`},
		"emptied list":      {"nameservers", nil, `[]`},
		"filled list":       {"empty", []string{"90"}, `["90"]`},
		"text":              {"contact", []string{"true"}, `"true"`},
		"text of two":       {"contact", []string{"a", "b"}, ""},
		"number":            {"keep", []string{"30"}, `30`},
		"no number":         {"keep", []string{"thirty"}, ""},
		"not of its kind":   {"keep", []string{"true"}, ""},
		"nested":            {"brake.on", []string{"false"}, `false`},
		"nested fraction":   {"brake.share", []string{"0.5"}, `0.5`},
		"deep list of JSON": {"brake.deep.list", []string{"[3]"}, `[3]`},
	} {
		t.Run(name, func(t *testing.T) {
			var doc, before map[string]any
			for _, d := range []*map[string]any{&doc, &before} {
				if err := json.Unmarshal([]byte(someSettings), d); err != nil {
					t.Fatal(err)
				}
			}
			value, err := settingLike(flatSettings(doc)[c.key], c.key, c.values)
			if err != nil {
				if c.want != "" {
					t.Fatal(err)
				}
				return
			}
			place(doc, c.key, value)
			got, _ := json.Marshal(flatSettings(doc)[c.key])
			if string(got) != c.want {
				t.Errorf("%s, want %q", got, c.want)
			}
			place(doc, c.key, flatSettings(before)[c.key])
			if d := cmp.Diff(before, doc); d != "" {
				t.Errorf("something else changed: %s", d)
			}
		})
	}
}
