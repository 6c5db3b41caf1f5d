package archtest

import (
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"
)

// source is what the rules need to know of a Go file.
type source struct {
	file    string // relative to the root
	dir     string // "./noise"
	pkg     string // the package clause, without the _test of an external test package
	test    bool
	comment bool
	imports []string // as rules write them
}

// violations checks all files of the module in tree, one line each: the file, what is wrong and the rule.
func violations(tree fs.FS, module string) ([]string, error) {
	sources, err := readModule(tree, module)
	if err != nil {
		return nil, err
	}
	if len(sources) == 0 {
		return nil, errors.New("no Go files")
	}
	found := append(misnamed(sources), uncommented(sources)...)
	for _, s := range sources {
		for _, r := range rules {
			for _, imported := range s.imports {
				if r.forbids(s, imported) {
					found = append(found, fmt.Sprintf("%s: imports %s: %s", s.file, imported, r.name))
				}
			}
		}
	}
	return found, nil
}

func (r rule) forbids(s source, imported string) bool {
	return !(r.notTests && s.test) && matchesAny(r.in, s.dir) && !matchesAny(r.except, s.dir) && matchesAny(r.deny, imported)
}

func matchesAny(patterns []string, name string) bool {
	return slices.ContainsFunc(patterns, func(pattern string) bool {
		base, below := strings.CutSuffix(pattern, "/...")
		return name == base || below && strings.HasPrefix(name, base+"/")
	})
}

func misnamed(sources []source) (found []string) {
	for _, s := range sources {
		if slices.Contains(forbiddenNames, s.pkg) || slices.Contains(forbiddenNames, path.Base(s.dir)) {
			found = append(found, fmt.Sprintf("%s: package %s in %s: %s", s.file, s.pkg, s.dir, nameRule))
		}
	}
	return found
}

// uncommented reports the first file of each package without a package comment. A package that consists of tests needs none.
func uncommented(sources []source) (found []string) {
	commented := map[string]bool{}
	for _, s := range sources {
		if key := s.dir + " " + s.pkg; !s.test {
			commented[key] = commented[key] || s.comment
		}
	}
	for _, s := range sources {
		if done, production := commented[s.dir+" "+s.pkg]; production && !done {
			found = append(found, fmt.Sprintf("%s: package %s: %s", s.file, s.pkg, commentRule))
			commented[s.dir+" "+s.pkg] = true
		}
	}
	return found
}

// readModule parses every Go file that belongs to the module: none in testdata, in hidden or underscored folders, or in a folder that
// is a module of its own.
func readModule(tree fs.FS, module string) (sources []source, err error) {
	err = fs.WalkDir(tree, ".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && name != "." && foreign(tree, name):
			return fs.SkipDir
		case d.IsDir() || path.Ext(name) != ".go":
			return nil
		}
		s, err := readSource(tree, name, module)
		sources = append(sources, s)
		return err
	})
	return sources, err
}

func foreign(tree fs.FS, dir string) bool {
	base := path.Base(dir)
	_, err := fs.Stat(tree, path.Join(dir, "go.mod"))
	return err == nil || base == "testdata" || strings.HasPrefix(base, ".") || strings.HasPrefix(base, "_")
}

func readSource(tree fs.FS, name, module string) (source, error) {
	text, err := fs.ReadFile(tree, name)
	if err != nil {
		return source{}, err
	}
	f, err := parser.ParseFile(token.NewFileSet(), name, text, parser.ImportsOnly|parser.ParseComments)
	if err != nil {
		return source{}, err
	}
	s := source{
		file: name, dir: "./" + path.Dir(name), test: strings.HasSuffix(name, "_test.go"),
		comment: f.Doc.Text() != "", imports: importsOf(f, module), pkg: f.Name.Name,
	}
	if s.test {
		s.pkg = strings.TrimSuffix(s.pkg, "_test")
	}
	return s, nil
}

func importsOf(f *ast.File, module string) (imports []string) {
	for _, spec := range f.Imports {
		imported, _ := strconv.Unquote(spec.Path.Value) // the parser has checked it
		if imported == module || strings.HasPrefix(imported, module+"/") {
			imported = "." + strings.TrimPrefix(imported, module)
		}
		imports = append(imports, imported)
	}
	return imports
}
