package zone_test

import (
	"strings"
	"testing"

	"github.com/zonefleet/zonefleet/internal/zone"
)

func TestTheBuiltInTemplatesAreZones(t *testing.T) {
	for name, text := range zone.BuiltInTemplates() {
		if err := zone.CheckTemplate(text); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if len(zone.BuiltInTemplates()) != 3 {
		t.Error("there are not three")
	}
}

// A line whose variable has no value is left out, and every variable has a place.
func TestATemplateIsExpanded(t *testing.T) {
	got, err := zone.ExpandTemplate("@ A %ip%\n@ AAAA %ipv6% ; not without\n%domain%. TXT \"100% sure, %ttl%\"\n", map[string]string{"ip": "192.0.2.1", "domain": "example.com", "ttl": "60"})
	if want := "@ A 192.0.2.1\nexample.com. TXT \"100% sure, 60\"\n"; got != want || err != nil {
		t.Errorf("%q, %v", got, err)
	}
	if _, err := zone.ExpandTemplate("@ A %ip%\n@ A %ipv5%", map[string]string{"ip": "192.0.2.1"}); err == nil || !strings.Contains(err.Error(), "line 2: there is no variable %ipv5%") {
		t.Errorf("an unknown variable: %v", err)
	}
	values := map[string]string{}
	for _, v := range zone.TemplateVariables() {
		values[v.Name] = v.Name
	}
	for _, v := range zone.TemplateVariables() {
		if got, err := zone.ExpandTemplate("x%"+v.Name+"%", values); got != "x"+v.Name || err != nil {
			t.Errorf("%s becomes %q, %v", v.Name, got, err)
		}
	}
	if len(values) != 23 {
		t.Errorf("%d variables", len(values))
	}
}

func TestWhatIsNoTemplate(t *testing.T) {
	for what, text := range map[string]string{
		"no SOA": "@ A %ip%\n", "an unknown variable": "@ A %nothing%\n", "a record that is none": zone.BuiltInTemplates()["simple"] + "x A nowhere\n",
		"a CNAME beside others": zone.BuiltInTemplates()["simple"] + "@ CNAME x.example.\n", "too long": strings.Repeat(";", 64<<10+1),
	} {
		if err := zone.CheckTemplate(text); err == nil {
			t.Errorf("%s is taken", what)
		}
	}
}
