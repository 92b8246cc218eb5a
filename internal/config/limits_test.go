package config

import (
	"strings"
	"testing"
)

func TestAConfigurationFileHasALargestSize(t *testing.T) {
	fits := "log_format = \"json\"\n" + strings.Repeat("# as long as it likes\n", maxFile/22-10)
	for text, words := range map[string]string{fits: "", fits + strings.Repeat("#", 1000): "z.toml: larger than 1048576"} {
		var wrong Mistakes
		parse("z.toml", []byte(text), false, &wrong)
		if (len(wrong) == 0) != (words == "") || len(wrong) > 0 && !strings.Contains(wrong.Error(), words) {
			t.Errorf("%d octets: %v", len(text), wrong)
		}
	}
}
