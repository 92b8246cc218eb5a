package control

import (
	"os/exec"
	"testing"
)

// What is printed is pasted into a shell, and a member chooses the names of its zones.
func TestWordsForAShellAreQuoted(t *testing.T) {
	for _, word := range []string{"example.com", "", "a b", "$(touch x)", "it's", "`id`", `a\.b`, "*", "~root", "a;b", "\n"} {
		out, err := exec.Command("sh", "-c", "printf %s "+quoted(word)).Output()
		if err != nil || string(out) != word {
			t.Errorf("%q becomes %q, %v", word, out, err)
		}
	}
}
