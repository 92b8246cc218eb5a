package logs

import (
	"context"
	"log/slog"
	"slices"
	"unicode/utf8"
)

// handler writes the lines of one logger: as text or as JSON, whichever is wanted at that time.
type handler struct {
	logs   *Logs
	source *source
	attrs  []slog.Attr
	text   slog.Handler
	json   slog.Handler
	group  bool // attributes now go into a group: none of them is the package
}

func (l *Logs) handler(s *source, attrs []slog.Attr) *handler {
	all := append([]slog.Attr{slog.String(packageKey, s.name)}, attrs...)
	o := &slog.HandlerOptions{Level: &s.level, ReplaceAttr: replace}
	return &handler{
		logs: l, source: s, attrs: attrs,
		text: slog.NewTextHandler(l.out, o).WithAttrs(all), json: slog.NewJSONHandler(l.out, o).WithAttrs(all),
	}
}

func (h *handler) Enabled(_ context.Context, level slog.Level) bool {
	return level >= h.source.level.Level()
}

func (h *handler) WithAttrs(attrs []slog.Attr) slog.Handler {
	of := func(a slog.Attr) bool { return a.Key == packageKey && a.Value.Kind() == slog.KindString }
	if i := slices.IndexFunc(attrs, of); i >= 0 && !h.group {
		rest := slices.DeleteFunc(slices.Clone(attrs), of)
		return h.logs.handler(h.logs.source(attrs[i].Value.String()), slices.Concat(h.attrs, rest))
	}
	out := *h
	out.attrs = slices.Concat(h.attrs, attrs)
	out.text, out.json = h.text.WithAttrs(attrs), h.json.WithAttrs(attrs)
	return &out
}

func (h *handler) WithGroup(name string) slog.Handler {
	out := *h
	out.text, out.json, out.group = h.text.WithGroup(name), h.json.WithGroup(name), out.group || name != ""
	return &out
}

func (h *handler) Handle(ctx context.Context, r slog.Record) error {
	to := h.json
	if h.logs.asText.Load() {
		to = h.text
	}
	return h.logs.out.write(h.source, r.Level, h.logs.now(), func(note *slog.Record) error {
		if note != nil {
			return to.Handle(ctx, *note)
		}
		return to.Handle(ctx, r)
	})
}

// maxValue bounds a text in a line: an error may quote what a stranger sent.
const maxValue = 1024

// replace puts times into UTC and cuts what is long.
func replace(_ []string, a slog.Attr) slog.Attr {
	v := a.Value.Resolve()
	switch v.Kind() {
	case slog.KindTime:
		return slog.Time(a.Key, v.Time().UTC())
	case slog.KindString:
		return slog.String(a.Key, cut(v.String()))
	case slog.KindAny:
		if err, ok := v.Any().(error); ok {
			return slog.String(a.Key, cut(err.Error()))
		}
	}
	return a
}

func cut(s string) string {
	if len(s) <= maxValue {
		return s
	}
	end := maxValue
	for end > 0 && !utf8.RuneStart(s[end]) {
		end--
	}
	return s[:end] + "…"
}
