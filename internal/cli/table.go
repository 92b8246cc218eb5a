package cli

import (
	"strings"
	"unicode/utf8"
)

// table lines up columns. Cells are plain text; a painter colours a cell after it is measured.
type table struct {
	t       *text
	head    []string
	rows    [][]string
	painter func(column int, cell string) func(string) string
}

func (t *text) table(head ...string) *table { return &table{t: t, head: head} }

func (tb *table) row(cells ...string) {
	for i := range cells {
		cells[i] = clean(cells[i])
	}
	tb.rows = append(tb.rows, cells)
}

// paint colours the cells of a column by what they say.
func (tb *table) paint(f func(column int, cell string) func(string) string) { tb.painter = f }

func (tb *table) print() {
	widths := make([]int, len(tb.head))
	for _, row := range append([][]string{tb.head}, tb.rows...) {
		for i, cell := range row {
			widths[i] = max(widths[i], utf8.RuneCountInString(cell))
		}
	}
	if tb.t.coloured || len(tb.rows) > 0 {
		tb.print1(tb.head, widths, func(int, string) func(string) string { return tb.t.bold })
	}
	for _, row := range tb.rows {
		tb.print1(row, widths, tb.painter)
	}
}

func (tb *table) print1(row []string, widths []int, painter func(int, string) func(string) string) {
	var b strings.Builder
	for i, cell := range row {
		pad := widths[i] - utf8.RuneCountInString(cell)
		if painter != nil {
			if f := painter(i, cell); f != nil {
				cell = f(cell)
			}
		}
		b.WriteString(cell)
		if i < len(row)-1 { // no spaces at the end of a line
			b.WriteString(strings.Repeat(" ", pad+2))
		}
	}
	tb.t.line("%s", b.String())
}
