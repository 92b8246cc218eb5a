package zone

import (
	"bufio"
	"errors"
	"io"
	"strconv"
	"strings"
)

// Print writes a view as a zone file: the stamp first, if there is one, $ORIGIN, the SOA, then every record with its
// owner and TTL, so that each line can be read alone. It parses back to equal RRsets.
func Print(w io.Writer, v *View, stamp string) error {
	out := bufio.NewWriterSize(w, 64<<10)
	if stamp != "" {
		if err := checkStamp(stamp); err != nil {
			return err
		}
		out.WriteString(stamp)
		out.WriteByte('\n')
	}
	out.WriteString("$ORIGIN " + v.Zone.String() + "\n")
	var line []byte
	for _, soa := range []bool{true, false} {
		for _, set := range v.RRsets {
			if soa != (set.Type == TypeSOA && set.Owner == v.Zone) {
				continue
			}
			line = appendRRset(line[:0], v.Zone, set)
			if _, err := out.Write(line); err != nil {
				return err
			}
		}
	}
	return out.Flush()
}

// checkStamp makes sure that a stamp is comments only: it travels apart from the records and must not become some.
func checkStamp(stamp string) error {
	for line := range strings.SplitSeq(stamp, "\n") {
		if !strings.HasPrefix(line, ";") {
			return errors.New("print zone: the stamp has a line that is not a comment")
		}
	}
	return nil
}

func appendRRset(b []byte, zone Name, set RRset) []byte {
	for _, data := range set.Data {
		b = appendRelative(b, set.Owner, zone)
		b = append(b, '\t')
		b = strconv.AppendUint(b, uint64(set.TTL), 10)
		b = append(b, "\tIN\t"...)
		b = append(b, set.Type.String()...)
		b = append(b, '\t')
		b = appendData(b, set.Type, data)
		b = append(b, '\n')
	}
	return b
}
