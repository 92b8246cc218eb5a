package zone

import (
	"fmt"
	"math"
)

// ParseTTL parses a TTL: seconds, or with the units of BIND, as in 1h30m or 2W.
func ParseTTL(s string) (uint32, error) {
	return parseSeconds(s, maxTTL)
}

func parseSeconds(s string, most uint64) (uint32, error) {
	total, number, digits := uint64(0), uint64(0), false
	for i := range len(s) {
		unit := unitSeconds(s[i])
		switch {
		case isDigit(s[i]):
			number, digits = number*10+uint64(s[i]-'0'), true
		case unit != 0 && digits:
			total, number, digits = total+number*unit, 0, false
		default:
			return 0, errNoTime(s)
		}
		if number > most || total > most {
			break
		}
	}
	if s == "" || !isDigit(s[0]) {
		return 0, errNoTime(s)
	}
	if total += number; total > most {
		return 0, fmt.Errorf("time %s is above %d seconds", excerpt(s), most)
	}
	return uint32(total), nil
}

func errNoTime(s string) error {
	return fmt.Errorf("%s is not a time (hint: seconds, or like 1h30m)", excerpt(s))
}

// parseTimer parses a timer of a SOA, which may use all 32 bits.
func parseTimer(s string) (uint32, error) {
	return parseSeconds(s, math.MaxUint32)
}

func unitSeconds(c byte) uint64 {
	switch c | 0x20 {
	case 's':
		return 1
	case 'm':
		return 60
	case 'h':
		return 60 * 60
	case 'd':
		return 24 * 60 * 60
	case 'w':
		return 7 * 24 * 60 * 60
	}
	return 0
}
