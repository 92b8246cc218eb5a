package cli

import (
	"context"
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/spf13/cobra"
)

// settingsCommand works on the document of /settings as it comes, so that a newer server's settings can be shown and
// changed too.
func (a *app) settingsCommand() *cobra.Command {
	return group("settings", "What may change while a server runs", a.settingsList(), a.settingsShow(), a.settingsSet())
}

func (a *app) settingsList() *cobra.Command {
	return &cobra.Command{
		Use: "list", Short: "List all settings of a server", Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			doc, err := a.settings(c.Context())
			if err != nil {
				return err
			}
			return a.show(doc, func(t *text) {
				flat := flatSettings(doc)
				tb := t.table("SETTING", "VALUE")
				for _, key := range slices.Sorted(maps.Keys(flat)) {
					tb.row(key, orDash(settingText(flat[key])))
				}
				tb.print()
			})
		},
	}
}

func (a *app) settingsShow() *cobra.Command {
	return &cobra.Command{
		Use: "show SETTING", Short: "Show one setting", Args: cobra.ExactArgs(1), ValidArgsFunction: a.completeSetting,
		RunE: func(c *cobra.Command, args []string) error {
			doc, err := a.settings(c.Context())
			if err != nil {
				return err
			}
			value, ok := flatSettings(doc)[args[0]]
			if !ok {
				return noSetting(doc, args[0])
			}
			return a.show(value, func(t *text) { t.line("%s", clean(settingText(value))) })
		},
	}
}

func (a *app) settingsSet() *cobra.Command {
	return &cobra.Command{
		Use: "set SETTING [VALUE...]", Short: "Change one setting; the others stay", Args: cobra.MinimumNArgs(1),
		Long: "Change one setting; the others stay. A setting that is a list takes any number of values: none empties it.",
		Example: "  zonefleet settings set nameservers ns1.example.net ns2.example.net\n" +
			"  zonefleet settings set allow_transfer",
		ValidArgsFunction: a.completeSetting,
		RunE: func(c *cobra.Command, args []string) error {
			doc, err := a.settings(c.Context())
			if err != nil {
				return err
			}
			old, ok := flatSettings(doc)[args[0]]
			if !ok {
				return noSetting(doc, args[0])
			}
			value, err := settingLike(old, args[0], args[1:])
			if err != nil {
				return err
			}
			place(doc, args[0], value)
			after, err := send[map[string]any](c.Context(), a, http.MethodPut, doc, nil, "settings")
			if err != nil {
				return err
			}
			return a.show(after, func(t *text) { t.line("%s = %s", args[0], clean(settingText(flatSettings(after)[args[0]]))) })
		},
	}
}

func (a *app) settings(ctx context.Context) (map[string]any, error) {
	return get[map[string]any](ctx, a, nil, "settings")
}

func (a *app) completeSetting(c *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	if len(args) > 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	doc, err := a.settings(c.Context())
	if err != nil {
		return nil, cobra.ShellCompDirectiveError
	}
	return slices.Sorted(maps.Keys(flatSettings(doc))), cobra.ShellCompDirectiveNoFileComp
}

func noSetting(doc map[string]any, key string) error {
	return withHint(usage("there is no setting %s", key), "this server has %s", strings.Join(slices.Sorted(maps.Keys(flatSettings(doc))), ", "))
}

// flatSettings names the values in nested objects by their path: brake.share.
func flatSettings(doc map[string]any) map[string]any {
	flat := map[string]any{}
	for key, value := range doc {
		inner, ok := value.(map[string]any)
		if !ok {
			flat[key] = value
			continue
		}
		for k, v := range flatSettings(inner) {
			flat[key+"."+k] = v
		}
	}
	return flat
}

// place is the way back: it sets one value in the nested document.
func place(doc map[string]any, key string, value any) {
	if _, direct := doc[key]; direct {
		doc[key] = value
		return
	}
	outer, rest, _ := strings.Cut(key, ".")
	if inner, ok := doc[outer].(map[string]any); ok {
		place(inner, rest, value)
	}
}

// settingLike makes a value of the kind that the setting has now. A list of other things than texts, and null, are
// written as JSON.
func settingLike(old any, key string, texts []string) (any, error) {
	list, isList := old.([]any)
	if isList && !slices.ContainsFunc(list, notText) {
		values := []any{}
		for _, s := range texts {
			values = append(values, s)
		}
		return values, nil
	}
	if len(texts) != 1 {
		return nil, usage("%s takes one value", key)
	}
	if _, isText := old.(string); isText {
		return texts[0], nil
	}
	var value any
	if err := json.Unmarshal([]byte(texts[0]), &value); err != nil || kindOf(value) != kindOf(old) && old != nil {
		return nil, usage("%s takes %s, as %s", key, kindOf(old), settingText(old))
	}
	return value, nil
}

func notText(v any) bool { _, ok := v.(string); return !ok }

func kindOf(v any) string {
	switch v.(type) {
	case bool:
		return "true or false"
	case float64:
		return "a number"
	case []any:
		return "a list"
	}
	return "JSON"
}

func settingText(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case []any:
		if !slices.ContainsFunc(v, notText) {
			var texts []string
			for _, e := range v {
				texts = append(texts, e.(string))
			}
			return strings.Join(texts, " ")
		}
	}
	b, err := json.Marshal(v)
	if err != nil {
		return err.Error()
	}
	return string(b)
}
