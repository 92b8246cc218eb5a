package node

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os"

	"github.com/zonefleet/zonefleet/internal/control"
)

// maxTail bounds what of the debug log is read for people: some thousand transactions. The files have the rest.
const maxTail = 1 << 20

// tail is the last of what is in the debug log, oldest first.
func (t *traceLog) tail() ([]control.Transaction, error) {
	f, err := os.Open(t.path(0))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	from := max(info.Size()-maxTail, 0)
	text, err := io.ReadAll(io.NewSectionReader(f, from, maxTail))
	if err != nil {
		return nil, err
	}
	if from > 0 { // the first line is not whole
		text = text[bytes.IndexByte(text, '\n')+1:]
	}
	var out []control.Transaction
	for line := range bytes.Lines(text) {
		var l traceLine
		if json.Unmarshal(line, &l) == nil {
			out = append(out, control.Transaction(l))
		}
	}
	return out, nil
}
