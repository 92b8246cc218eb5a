// Package zonefleet holds no code: the tests here prove that the tree keeps the shape that ARCHITECTURE.md draws.
package zonefleet

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "github.com/zonefleet/zonefleet/"

// allowed is the table of direct imports between the project's packages: who may know whom, and why. What is not in
// it is forbidden. Imports of tests are not counted: a test may put the real neighbours together.
var allowed = map[string]map[string]string{
	"cmd/zonefleet":             {"internal/cli": "main is wiring", "internal/node": "serve runs a node", "internal/demo": "demo runs three", "internal/config": "settings of serve", "internal/logs": "where serve's lines go"},
	"internal/zone":             {},
	"internal/cluster":          {"internal/zone": "rules speak of names, dots and vectors"},
	"internal/acl":              {"internal/cluster": "a member's token carries a grant", "internal/zone": "names and types in the scope of a token"},
	"internal/auth":             {"internal/acl": "signing in makes a principal", "internal/cluster": "tokens carry grants"},
	"internal/identity":         {},
	"internal/digest":           {"internal/zone": "names, sums of states"},
	"internal/store":            {"internal/zone": "rows hold zone states", "internal/digest": "keeps the tree of what it holds"},
	"internal/backup":           {"internal/store": "rows, and zones out of them", "internal/zone": "what a zone served"},
	"internal/deliver":          {"internal/zone": "what is delivered", "internal/store": "positions of the feed"},
	"internal/serve":            {"internal/zone": "it serves views"},
	"internal/served":           {"internal/zone": "the content to ask for, and the one found"},
	"internal/systemd":          {},
	"internal/handover":         {},
	"internal/wire":             {"internal/zone": "frames carry deltas", "internal/digest": "questions about digests"},
	"internal/peer":             {"internal/wire": "the frames it speaks", "internal/zone": "names in questions", "internal/digest": "questions about digests", "internal/identity": "fingerprints"},
	"internal/remote/zonefleet": {"internal/wire": "the frames it speaks", "internal/zone": "names in questions", "internal/digest": "questions about digests", "internal/identity": "pinned keys"},
	"packaging":                 {},
	"internal/install": {
		"packaging": "the files that make a service", "internal/config": "what the server will have", "internal/preflight": "what would be in its way",
		"internal/client": "asks the running server", "internal/api": "what it answers", "internal/identity": "the key that it shows",
	},
	"internal/control": {
		"internal/zone": "builds changes", "internal/store": "the only caller of Commit", "internal/cluster": "asks the rules",
		"internal/acl": "authorises first", "internal/auth": "makes and revokes tokens", "internal/digest": "compares with members",
	},
	"internal/metrics":   {},
	"internal/notify":    {},
	"internal/config":    {"internal/logs": "levels and formats of the log are configured"},
	"internal/logs":      {},
	"internal/preflight": {"internal/config": "what it looks at"},
	"internal/api":       {},
	"internal/client":    {"internal/api": "the documents of the REST API", "internal/identity": "fingerprints"},
	"internal/web":       {"internal/auth": "what is kept of tokens", "internal/control": "the use cases", "internal/acl": "principals", "internal/store": "positions", "internal/zone": "names and times", "internal/cluster": "roles, states and the threshold on pages"},
	"internal/rest": {
		"internal/api":     "the documents of the REST API",
		"internal/control": "the use cases", "internal/acl": "principals", "internal/auth": "bearer tokens", "internal/zone": "renders records",
		"internal/cluster": "renders members", "internal/store": "positions and entries in answers", "internal/backup": "what a backup that was made holds",
	},
	"internal/cli": {"internal/api": "the documents of the REST API", "internal/client": "speaks to the server", "internal/zone": "zone check works offline", "internal/config": "flags of serve", "internal/install": "install and uninstall work on the host", "internal/store": "which zones of a backup are meant", "internal/backup": "backups are checked and restored without a server", "internal/preflight": "serve --check"},
	"internal/node": {
		"internal/zone": "names and states on their way between neighbours", "internal/store": "opens it", "internal/cluster": "resolves links", "internal/acl": "principals of links", "internal/auth": "tokens of peers",
		"internal/control": "gives it its ports", "internal/deliver": "a worker for each target", "internal/serve": "the embedded nameserver", "internal/wire": "links",
		"internal/peer": "the members' door", "internal/remote/zonefleet": "clients of members", "internal/identity": "the node key", "internal/rest": "the REST door", "internal/web": "the door for browsers",
		"internal/config": "its settings", "internal/logs": "loggers, whose levels change while it runs", "internal/metrics": "counters", "internal/backup": "the backup of the night",
		"internal/systemd": "says how it is", "internal/handover": "takes over and hands over",
		"internal/digest": "questions about digests on their way", "internal/served": "asks members' nameservers",
		"internal/notify": "events on their way to people",
	},
	"internal/demo": {},
	"internal/sim":  {},
	"bench": {
		"internal/store": "compacts the folders of stopped servers, to measure what edits leave behind",
		"internal/web":   "the table of its routes: which pages there are",
	},
	"storm": {
		"internal/api": "the documents of the REST API", "internal/store": "reads the folders of stopped servers: who replaced what",
		"internal/zone": "states, versions and dots in them",
		"internal/peer": "a member that answers garbage, or acknowledges and forgets", "internal/wire": "what such a member says",
		"internal/digest": "what it says when it is compared", "internal/identity": "whose key it shows",
	},
	"test": {},
}

// pure packages hold values and rules: no IO, clock, lock or log.
var pure = []string{"internal/zone", "internal/digest", "internal/cluster", "internal/acl"}

var impure = []string{"context", "net", "os", "sync", "sync/atomic", "log/slog", "log", "net/http"}

type sourceFile struct {
	dir  string
	name string
	ast  *ast.File
}

func sources(t *testing.T) []sourceFile {
	t.Helper()
	var files []sourceFile
	fset := token.NewFileSet()
	err := filepath.WalkDir(".", func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && (d.Name() == "testdata" || d.Name() == "tools" || (p != "." && strings.HasPrefix(d.Name(), "."))) {
			return filepath.SkipDir
		}
		if d.IsDir() || !strings.HasSuffix(p, ".go") || strings.HasSuffix(p, "_test.go") {
			return nil
		}
		parsed, err := parser.ParseFile(fset, p, nil, parser.ParseComments)
		if err != nil {
			return err
		}
		files = append(files, sourceFile{filepath.ToSlash(filepath.Dir(p)), filepath.Base(p), parsed})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(files) < 20 {
		t.Fatalf("only %d source files found: the walk is broken", len(files))
	}
	return files
}

func imports(f sourceFile) []string {
	var paths []string
	for _, spec := range f.ast.Imports {
		p, _ := strconv.Unquote(spec.Path.Value)
		paths = append(paths, p)
	}
	return paths
}

func TestImportsPointDownThePicture(t *testing.T) {
	used := map[string]bool{}
	for _, f := range sources(t) {
		edges, known := allowed[f.dir]
		if !known {
			t.Errorf("%s/%s: package %s is not in the table of allowed imports", f.dir, f.name, f.dir)
			continue
		}
		for _, p := range imports(f) {
			inner, ours := strings.CutPrefix(p, module)
			if !ours {
				continue
			}
			used[f.dir+" → "+inner] = true
			if _, ok := edges[inner]; !ok {
				t.Errorf("%s/%s imports %s, which the picture does not allow", f.dir, f.name, inner)
			}
		}
	}
	for from, edges := range allowed {
		for to, reason := range edges {
			if reason == "" {
				t.Errorf("%s may import %s, but the table does not say why", from, to)
			}
			if !used[from+" → "+to] {
				t.Errorf("%s does not import %s: the table is wider than the tree", from, to)
			}
		}
	}
}

// The code map of ARCHITECTURE.md has every package.
func TestTheCodeMapIsComplete(t *testing.T) {
	text, err := os.ReadFile("ARCHITECTURE.md")
	if err != nil {
		t.Fatal(err)
	}
	_, codeMap, _ := strings.Cut(string(text), "## Code map")
	codeMap, _, _ = strings.Cut(codeMap, "\n## ")
	for dir := range allowed {
		name := strings.TrimPrefix(dir, "internal/")
		if !strings.Contains(codeMap, "`"+name+"`") {
			t.Errorf("the code map lacks %s", dir)
		}
	}
}

func TestPurePackagesDoNoIO(t *testing.T) {
	for _, f := range sources(t) {
		if !slices.Contains(pure, f.dir) {
			continue
		}
		for _, p := range imports(f) {
			if slices.Contains(impure, p) {
				t.Errorf("%s/%s imports %s: %s holds values and rules only", f.dir, f.name, p, f.dir)
			}
		}
		ast.Inspect(f.ast, func(n ast.Node) bool {
			if sel, ok := n.(*ast.SelectorExpr); ok && isIdent(sel.X, "time") && sel.Sel.Name == "Now" {
				t.Errorf("%s/%s calls time.Now: time comes in as an argument", f.dir, f.name)
			}
			return true
		})
	}
}

// onlyHere lists what one package alone may import.
var onlyHere = map[string][]string{
	"github.com/cockroachdb/pebble": {"internal/store"},
	"github.com/miekg/dns":          {"internal/zone", "internal/served", "storm"},
	"github.com/danielgtaylor/huma": {"internal/rest"},
	"github.com/spf13/cobra":        {"internal/cli"},
	"github.com/prometheus":         {"internal/metrics"},
	// Pages are typed, escaped by context, and need no other package at run time. Its generator and Chromium's driver
	// (chromedp) are used by tests and tools alone.
	"github.com/a-h/templ": {"internal/web"},
	// The picture that an authenticator scans, drawn here so that no other host is asked and no script runs: 700 lines of pure
	// Go without a dependency, unchanged for years because its standard is.
	"rsc.io/qr": {"internal/web", "internal/cli"},
	// A password that is typed in is not shown: switching the echo of a terminal off, on every system that it is built for.
	"golang.org/x/term": {"internal/cli"},
	// Mail by SMTP: sign-in in all its forms, STARTTLS that cannot be stripped, encoded headers; needs x/crypto and x/text only.
	"github.com/wneessen/go-mail": {"internal/notify"},
}

func TestLibrariesStayInTheirRooms(t *testing.T) {
	found := map[string]bool{}
	for _, f := range sources(t) {
		for _, p := range imports(f) {
			for library, rooms := range onlyHere {
				if !strings.HasPrefix(p, library) {
					continue
				}
				found[library+" in "+f.dir] = true
				if !slices.Contains(rooms, f.dir) {
					t.Errorf("%s/%s imports %s, which belongs to %v", f.dir, f.name, p, rooms)
				}
			}
		}
	}
	for library, rooms := range onlyHere {
		for _, room := range rooms {
			if !found[library+" in "+room] {
				t.Errorf("%s does not import %s: the table is wider than the tree", room, library)
			}
		}
	}
}

// Only control writes zones: no other package calls Commit of the store.
func TestOnlyControlCommits(t *testing.T) {
	for _, f := range sources(t) {
		if f.dir == "internal/control" || f.dir == "internal/store" {
			continue
		}
		ast.Inspect(f.ast, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok {
				return true
			}
			if sel, ok := call.Fun.(*ast.SelectorExpr); ok && sel.Sel.Name == "Commit" {
				t.Errorf("%s/%s calls Commit: there is one way in, control", f.dir, f.name)
			}
			return true
		})
	}
}

// Only cluster looks at a role: the constants of the roles are compared nowhere else.
func TestOnlyClusterLooksAtARole(t *testing.T) {
	roles := []string{"Standalone", "Synchronize", "WriteOnly", "RoleStandalone", "RoleSynchronize", "RoleWriteOnly"}
	for _, f := range sources(t) {
		if f.dir == "internal/cluster" {
			continue
		}
		ast.Inspect(f.ast, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.BinaryExpr:
				if n.Op == token.EQL || n.Op == token.NEQ {
					for _, side := range []ast.Expr{n.X, n.Y} {
						if sel, ok := side.(*ast.SelectorExpr); ok && isIdent(sel.X, "cluster") && slices.Contains(roles, sel.Sel.Name) {
							t.Errorf("%s/%s compares a role: ask cluster.Resolve", f.dir, f.name)
						}
					}
				}
			case *ast.CaseClause:
				for _, e := range n.List {
					if sel, ok := e.(*ast.SelectorExpr); ok && isIdent(sel.X, "cluster") && slices.Contains(roles, sel.Sel.Name) {
						t.Errorf("%s/%s switches over a role: ask cluster.Resolve", f.dir, f.name)
					}
				}
			}
			return true
		})
	}
}

func TestNoInitAndNoMutablePackageVariable(t *testing.T) {
	vars := map[string]map[string]bool{} // package folder → names of its variables
	files := sources(t)
	for _, f := range files {
		if vars[f.dir] == nil {
			vars[f.dir] = map[string]bool{}
		}
		for _, d := range f.ast.Decls {
			switch d := d.(type) {
			case *ast.FuncDecl:
				if d.Recv == nil && d.Name.Name == "init" {
					t.Errorf("%s/%s has an init", f.dir, f.name)
				}
			case *ast.GenDecl:
				if d.Tok != token.VAR {
					continue
				}
				for _, s := range d.Specs {
					for _, n := range s.(*ast.ValueSpec).Names {
						vars[f.dir][n.Name] = true
					}
				}
			}
		}
	}
	for _, f := range files {
		reportAssignments(t, f, vars[f.dir])
	}
}

func reportAssignments(t *testing.T, f sourceFile, vars map[string]bool) {
	for _, d := range f.ast.Decls {
		fn, ok := d.(*ast.FuncDecl)
		if !ok || fn.Body == nil {
			continue
		}
		local := locals(fn)
		check := func(e ast.Expr) {
			if name := base(e); vars[name] && !local[name] && name != "_" {
				t.Errorf("%s/%s: %s assigns to the package variable %s", f.dir, f.name, fn.Name.Name, name)
			}
		}
		ast.Inspect(fn, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.AssignStmt:
				for _, e := range n.Lhs {
					if n.Tok != token.DEFINE {
						check(e)
					}
				}
			case *ast.IncDecStmt:
				check(n.X)
			}
			return true
		})
	}
}

// base is the name of the variable that an assignment to e changes.
func base(e ast.Expr) string {
	for {
		switch x := e.(type) {
		case *ast.IndexExpr:
			e = x.X
		case *ast.SelectorExpr:
			e = x.X
		case *ast.Ident:
			return x.Name
		default:
			return ""
		}
	}
}

// locals are the names that a function declares itself, anywhere in it: they may hide a package's variable.
func locals(fn *ast.FuncDecl) map[string]bool {
	names := map[string]bool{}
	add := func(e ast.Expr) {
		if id, ok := e.(*ast.Ident); ok {
			names[id.Name] = true
		}
	}
	ast.Inspect(fn, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.Field:
			for _, id := range n.Names {
				names[id.Name] = true
			}
		case *ast.ValueSpec:
			for _, id := range n.Names {
				names[id.Name] = true
			}
		case *ast.RangeStmt:
			add(n.Key)
			add(n.Value)
		case *ast.AssignStmt:
			for _, e := range n.Lhs {
				if n.Tok == token.DEFINE {
					add(e)
				}
			}
		}
		return true
	})
	return names
}

func TestEveryPackageSaysWhatItIs(t *testing.T) {
	documented := map[string]bool{}
	dirs := map[string]bool{}
	for _, f := range sources(t) {
		dirs[f.dir] = true
		if f.name == "doc.go" || path.Base(f.dir) == "zonefleet" || f.dir == "bench" {
			if f.ast.Doc != nil {
				documented[f.dir] = true
			}
		}
	}
	for dir := range dirs {
		if !documented[dir] {
			t.Errorf("%s has no doc.go with a package comment", dir)
		}
	}
}

func TestModuleReplacesNothing(t *testing.T) {
	text, err := os.ReadFile("go.mod")
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range strings.Split(string(text), "\n") {
		if strings.HasPrefix(strings.TrimSpace(line), "replace") {
			t.Errorf("go.mod: %s", line)
		}
	}
}

func isIdent(e ast.Expr, name string) bool {
	id, ok := e.(*ast.Ident)
	return ok && id.Name == name
}
