package rest

import (
	"encoding/json"
	"net/http"
	"reflect"
	"strconv"

	"github.com/danielgtaylor/huma/v2"

	"github.com/zonefleet/zonefleet/internal/api"
)

const problemSchema = "#/components/schemas/Problem"

func problemResponse() *huma.Response {
	return &huma.Response{
		Description: "Problem (RFC 9457)",
		Content:     map[string]*huma.MediaType{mediaProblem: {Schema: &huma.Schema{Ref: problemSchema}}},
	}
}

// OpenAPI is the document that describes the API, as it is served and as it is kept in the repository.
func (s *Server) OpenAPI() []byte { return s.openAPI }

func (s *Server) serveOpenAPI(a huma.API) {
	doc := a.OpenAPI()
	describeStreams(doc)
	onlyProblems(doc)
	text, err := json.MarshalIndent(doc, "", "  ")
	if err != nil {
		panic("rest: the OpenAPI document cannot be written: " + err.Error())
	}
	s.openAPI = append(text, '\n')
	s.mux.HandleFunc("GET "+Prefix+"/openapi.json", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/vnd.oai.openapi+json;version=3.1")
		_, _ = w.Write(s.openAPI) // the client may be gone
	})
}

// onlyProblems takes out the library's own form of errors, which no answer has.
func onlyProblems(doc *huma.OpenAPI) {
	doc.Components.Schemas.Schema(reflect.TypeFor[api.Problem](), true, "Problem")
	for _, item := range doc.Paths {
		for _, o := range []*huma.Operation{item.Get, item.Post, item.Put, item.Patch, item.Delete} {
			if o == nil {
				continue
			}
			for status := range o.Responses {
				if n, err := strconv.Atoi(status); err == nil && n >= 400 {
					delete(o.Responses, status)
				}
			}
		}
	}
	delete(doc.Components.Schemas.Map(), "ErrorModel")
	delete(doc.Components.Schemas.Map(), "ErrorDetail")
}

// describeStreams adds the calls that are not registered with the library, because it reads and writes whole documents.
func describeStreams(doc *huma.OpenAPI) {
	schema := func(t reflect.Type) *huma.Schema { return doc.Components.Schemas.Schema(t, true, "") }
	result := schema(reflect.TypeFor[api.WriteResult]())
	text := &huma.Schema{Type: huma.TypeString}

	export := stream("export-zone", http.MethodGet, "/zones/{zone}/file", "zones", "Export a zone as a zone file", mediaZone, text)
	export.Parameters = append(export.Parameters, pathParam("zone"))
	put := stream("import-zone", http.MethodPut, "/zones/{zone}/file", "zones", "Import a zone file; with If-Match, edit the zone as a file", "application/json", result)
	put.Parameters = append(fileParams(), pathParam("zone"), headerParam("If-Match"), headerParam("If-None-Match"))
	put.RequestBody = requestBody(map[string]*huma.Schema{mediaZone: text})
	bulk := stream("import", http.MethodPost, "/import", "zones",
		"Import zone files: lines of {name, text, mtime}, answered by a line each as they are done; or one zone file", mediaLines, schema(reflect.TypeFor[api.ImportResult]()))
	bulk.Parameters = append(fileParams(), queryParam("zone"), queryParam("name"), queryParam("confirm"))
	bulk.RequestBody = requestBody(map[string]*huma.Schema{mediaLines: schema(reflect.TypeFor[api.ImportLine]()), mediaZone: text})
	all := stream("export", http.MethodGet, "/export", "zones", "Export zones, a line each", mediaLines, schema(reflect.TypeFor[api.ExportLine]()))
	all.Parameters = []*huma.Param{queryParam("q"), queryParam("owner")}
	check := stream("check", http.MethodGet, "/check", "zones", "Check every zone, a line each time some are done", mediaLines, schema(reflect.TypeFor[api.CheckResult]()))
	check.Parameters = []*huma.Param{queryParam("q"), queryParam("owner")}
	backup := stream("backup", http.MethodGet, "/backup", "server", "A consistent copy of the server in one file; open=true leaves its secrets unsealed", "application/octet-stream", &huma.Schema{Type: huma.TypeString, Format: "binary"})
	backup.Parameters = []*huma.Param{queryParam("open")}

	for _, o := range []*huma.Operation{export, put, bulk, all, check, backup} {
		doc.AddOperation(o)
	}
}

func stream(id, method, path, tag, summary, media string, answer *huma.Schema) *huma.Operation {
	o := op(id, method, path, tag, summary)
	o.Responses["200"] = &huma.Response{Description: "OK", Content: map[string]*huma.MediaType{media: {Schema: answer}}}
	return &o
}

func requestBody(forms map[string]*huma.Schema) *huma.RequestBody {
	b := &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{}}
	for media, schema := range forms {
		b.Content[media] = &huma.MediaType{Schema: schema}
	}
	return b
}

func fileParams() []*huma.Param {
	var out []*huma.Param
	for _, name := range []string{"wait", "timeout", "owner", "reason", "mtime", "dry_run"} {
		out = append(out, queryParam(name))
	}
	return out
}

func queryParam(name string) *huma.Param {
	return &huma.Param{Name: name, In: "query", Schema: &huma.Schema{Type: huma.TypeString}}
}

func headerParam(name string) *huma.Param {
	return &huma.Param{Name: name, In: "header", Schema: &huma.Schema{Type: huma.TypeString}}
}

func pathParam(name string) *huma.Param {
	return &huma.Param{Name: name, In: "path", Required: true, Schema: &huma.Schema{Type: huma.TypeString}}
}
