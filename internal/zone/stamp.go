package zone

import (
	"strconv"
	"strings"
)

// cPanel begins its zone files with a comment that tells when and by what they were written:
//
//	; cPanel first:118.0.0 (update_time):1700000000 Cpanel::ZoneFile::VERSION:1.3 hostname:host.example.net latest:136.0.20
//
// Its own cluster and other people's scripts read it, so it is kept as it is.

// stampOf is the comment lines at the head of a zone file that are cPanel's, byte for byte, without the last line end.
func stampOf(text string) string {
	end := 0
	for end < len(text) {
		line, _, more := strings.Cut(text[end:], "\n")
		if !isStamp(line) {
			break
		}
		end += len(line)
		if more {
			end++
		}
	}
	return strings.TrimSuffix(strings.TrimSuffix(text[:end], "\n"), "\r")
}

func isStamp(line string) bool {
	comment, ok := strings.CutPrefix(line, ";")
	return ok && strings.HasPrefix(strings.TrimLeft(comment, " \t;"), "cPanel ")
}

// StampTime is the time of the last update that a stamp tells. Older versions called it mtime.
func StampTime(stamp string) (Millis, bool) {
	for _, word := range strings.Fields(stamp) {
		for _, key := range []string{"(update_time):", "update_time:", "mtime:"} {
			number, ok := strings.CutPrefix(word, key)
			if !ok {
				continue
			}
			// 40 bits of seconds are beyond any date and far from an overflow in milliseconds.
			if seconds, err := strconv.ParseUint(number, 10, 40); err == nil && seconds > 0 {
				return Millis(seconds) * 1000, true
			}
		}
	}
	return 0, false
}
