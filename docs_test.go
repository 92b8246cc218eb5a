package zonefleet

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// isLimit is how a constant that bounds something is called.
var isLimit = regexp.MustCompile(`^(max|Max)[A-Z]|(Timeout|Wait|AtOnce|Limit|Kept|Length|Bound|Batches|Octets|PerMinute|PerHolder|Parallel)$|^(link|session)Life$|^throttled$`)

// limitsOf lists the constants of the program that are limits, as package.name below internal.
func limitsOf(t *testing.T) (names []string) {
	t.Helper()
	for _, f := range sources(t) {
		pkg, ok := strings.CutPrefix(f.dir, "internal/")
		if !ok {
			continue
		}
		for _, d := range f.ast.Decls {
			g, ok := d.(*ast.GenDecl)
			if !ok || g.Tok != token.CONST {
				continue
			}
			for _, s := range g.Specs {
				for _, n := range s.(*ast.ValueSpec).Names {
					if isLimit.MatchString(n.Name) {
						names = append(names, pkg+"."+n.Name)
					}
				}
			}
		}
	}
	return names
}

// testsOf lists the names of all tests and fuzz targets.
func testsOf(t *testing.T) map[string]bool {
	t.Helper()
	names := map[string]bool{}
	err := filepath.WalkDir(".", func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(p, "_test.go") {
			return err
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), p, nil, 0)
		if err != nil {
			return err
		}
		for _, d := range parsed.Decls {
			if f, ok := d.(*ast.FuncDecl); ok && f.Recv == nil {
				names[f.Name.Name] = true
			}
		}
		return nil
	})
	if err != nil || len(names) < 500 {
		t.Fatalf("%d tests found: %v", len(names), err)
	}
	return names
}

// page reads a page of the documentation.
func page(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("docs", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestEveryLimitIsListedWithItsTest(t *testing.T) {
	text := page(t, "limits.md")
	limits := limitsOf(t)
	if len(limits) < 100 {
		t.Fatalf("only %d limits found: the search is broken", len(limits))
	}
	for _, name := range limits {
		if !strings.Contains(text, "`"+name+"`") {
			t.Errorf("%s is a limit and not in docs/limits.md: say there what happens at it, and which test drives it there", name)
		}
	}
	constant := regexp.MustCompile("`([a-z/]+\\.[a-zA-Z]+)`")
	for _, m := range constant.FindAllStringSubmatch(text, -1) {
		if pkg, name, _ := strings.Cut(m[1], "."); isLimit.MatchString(name) && !slices.Contains(limits, m[1]) {
			t.Errorf("docs/limits.md lists %s, which package %s does not have", m[1], pkg)
		}
	}
}

// A page that names a test or a target of make promises that it is there.
func TestTestsThatPagesNameExist(t *testing.T) {
	tests := testsOf(t)
	named := regexp.MustCompile("`((?:Test|Fuzz)[A-Z][A-Za-z0-9]+)`")
	pages, err := filepath.Glob("docs/*.md")
	if err != nil {
		t.Fatal(err)
	}
	makefile, err := os.ReadFile("Makefile")
	if err != nil {
		t.Fatal(err)
	}
	target := regexp.MustCompile("`make ([a-z-]+)")
	found := 0
	for _, p := range pages {
		for _, m := range target.FindAllStringSubmatch(page(t, filepath.Base(p)), -1) {
			if !strings.Contains(string(makefile), "\n"+m[1]+":") {
				t.Errorf("%s names make %s, which the Makefile does not have", p, m[1])
			}
		}
		for _, m := range named.FindAllStringSubmatch(page(t, filepath.Base(p)), -1) {
			if found++; !tests[m[1]] {
				t.Errorf("%s names the test %s, which does not exist", p, m[1])
			}
		}
	}
	if found < 50 {
		t.Fatalf("only %d tests are named: the search is broken", found)
	}
}
