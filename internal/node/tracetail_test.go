package node

import (
	"fmt"
	"strings"
	"testing"
)

// The newest lines are there, whole, however long the log is.
func TestTheEndOfTheDebugLog(t *testing.T) {
	l := newTraceLog(t.TempDir())
	defer l.Close()
	if list, err := l.tail(); err != nil || len(list) != 0 {
		t.Errorf("of no log: %d, %v", len(list), err)
	}
	for i := range 2000 {
		l.write([]byte(fmt.Sprintf(`{"time":"2026-11-23T12:00:00Z","member":"ns1","direction":"sent","what":"push","zone":"z%d.example","result":"%s"}`+"\n", i, strings.Repeat("x", 1000))))
	}
	list, err := l.tail()
	if err != nil || len(list) == 0 || len(list) >= 2000 || list[len(list)-1].Zone != "z1999.example" || list[0].Member != "ns1" {
		t.Errorf("%d lines, %v", len(list), err)
	}
}
