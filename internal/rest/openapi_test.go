package rest

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"strings"
	"testing"

	"github.com/zonefleet/zonefleet/internal/control"
)

var update = flag.Bool("update", false, "rewrite api/openapi.json")

const kept = "../../api/openapi.json"

func TestTheOpenAPIDocumentInTheRepositoryIsTheOneServed(t *testing.T) {
	got := New(Deps{Control: control.New(control.Deps{})}).OpenAPI()
	if *update {
		if err := os.WriteFile(kept, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(kept)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Error("api/openapi.json is stale: go generate ./internal/rest")
	}
}

func TestEveryPlaceInAPathIsAParameter(t *testing.T) {
	var doc struct {
		Paths map[string]map[string]struct {
			OperationID string
			Parameters  []struct{ Name, In string }
		}
	}
	if err := json.Unmarshal(New(Deps{Control: control.New(control.Deps{})}).OpenAPI(), &doc); err != nil {
		t.Fatal(err)
	}
	for path, item := range doc.Paths {
		for method, o := range item {
			named := map[string]bool{}
			for _, p := range o.Parameters {
				named[p.In+" "+p.Name] = true
			}
			for _, part := range strings.Split(path, "/") {
				if name, ok := strings.CutPrefix(part, "{"); ok && !named["path "+strings.TrimSuffix(name, "}")] {
					t.Errorf("%s %s: %s is no parameter", method, path, part)
				}
			}
		}
	}
}

func TestEveryReferenceOfTheOpenAPIDocumentLeadsSomewhere(t *testing.T) {
	text := New(Deps{Control: control.New(control.Deps{})}).OpenAPI()
	var doc struct {
		OpenAPI    string
		Components struct{ Schemas map[string]any }
	}
	if err := json.Unmarshal(text, &doc); err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(doc.OpenAPI, "3.1") {
		t.Errorf("version %s", doc.OpenAPI)
	}
	for _, part := range strings.Split(string(text), `"$ref": "#/components/schemas/`)[1:] {
		name, _, _ := strings.Cut(part, `"`)
		if _, ok := doc.Components.Schemas[name]; !ok {
			t.Errorf("no schema %s", name)
		}
	}
	if strings.Contains(string(text), "ErrorModel") {
		t.Error("the library's own form of errors is in the document")
	}
}
