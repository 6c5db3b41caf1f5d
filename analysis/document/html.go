package document

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"html/template"
	"io"
	"regexp"
	"strings"

	"github.com/noiseprobe/noiseprobe/analysis/figure"
)

var (
	//go:embed page.html
	pageSource string
	//go:embed style.css
	styleSource string
	//go:embed hover.js
	scriptSource string
)

// Style is the style of every page, for light and dark screens and for print; Script shows the values of figures under the pointer.
var (
	Style  = template.CSS(styleSource)
	Script = template.JS(scriptSource)
)

// ScriptHash is how a content security policy names a script.
func ScriptHash(script template.JS) string {
	sum := sha256.Sum256([]byte(script))
	return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
}

var pageTemplate = template.Must(template.New("page").Funcs(template.FuncMap{"typeset": typeset}).Parse(pageSource))

// page is what page.html renders.
type page struct {
	Document
	Sections []pageSection
	Style    template.CSS
	Script   template.JS
}

type pageSection struct {
	Section
	Drawings []drawing
}

// drawing is a figure ready for the page.
type drawing struct {
	Name, Label, Caption string
	// SVG is nothing where the figure has no data, which Caption says.
	SVG template.HTML
	// Numbers is the CSV file as an address, for a page without files.
	Numbers template.URL
	Hover   figure.Hover
}

// HTML writes one page that needs nothing else: styles, figures and a script that shows their values are inline, and beside the numbers of
// the figures only the paper is linked to. Figures appear in the section that names them.
func (d Document) HTML(w io.Writer, figures []figure.Figure) error {
	drawings, err := drawAll(figures, d.Files == "")
	if err != nil {
		return err
	}
	p := page{Document: d, Style: Style, Script: Script}
	for _, s := range d.Sections {
		p.Sections = append(p.Sections, pageSection{s, pick(drawings, s.Figures)})
	}
	return pageTemplate.Execute(w, p)
}

// figureWidth is that of a figure on a page, in inches: its words are as large as those around it where two stand side by side, and can be read where
// it is as wide as a telephone.
const figureWidth = 5.2

func drawAll(figures []figure.Figure, alone bool) (map[string]drawing, error) {
	drawings := map[string]drawing{}
	for _, f := range figures {
		var svg bytes.Buffer
		f.Width = figureWidth
		hover, err := f.WritePageSVG(&svg)
		if err != nil {
			return nil, err
		}
		// What precedes the element is for a file of its own. All text in it is escaped by the canvas.
		element := svg.Bytes()[bytes.Index(svg.Bytes(), []byte("<svg")):]
		of := drawing{Name: f.Name, Label: f.Label(), Caption: f.FullCaption(), SVG: template.HTML(element), Hover: hover}
		if reason := f.NoData(); reason != "" {
			of.SVG, of.Caption = "", f.Title+", "+reason+"."
		}
		if alone {
			var numbers bytes.Buffer
			if err := f.WriteCSV(&numbers); err != nil {
				return nil, err
			}
			of.Numbers = template.URL("data:text/csv;base64," + base64.StdEncoding.EncodeToString(numbers.Bytes()))
		}
		drawings[f.Name] = of
	}
	return drawings, nil
}

// pick are the drawings with these names that there are.
func pick(drawings map[string]drawing, names []string) []drawing {
	var picked []drawing
	for _, name := range names {
		if d, ok := drawings[name]; ok {
			picked = append(picked, d)
		}
	}
	return picked
}

// symbols turns the plain notation of the summary into that of a printed page. It is for words of programs only, not for names of files.
var symbols = []struct {
	needle string // most words have none, and are not searched
	plain  *regexp.Regexp
	html   string
}{
	{"tr Sigma", regexp.MustCompile(`\btr Sigma\b`), "tr&nbsp;Σ"},
	{"Sigma", regexp.MustCompile(`\bSigma\b`), "Σ"},
	{"_", regexp.MustCompile(`\b([BESf])_(eff|min|u|simple)\b`), "$1<sub>$2</sub>"},
	{"g_", regexp.MustCompile(`\bg_(i|B&#39;|B)`), "g<sub>$1</sub>"},
	{"alpha", regexp.MustCompile(`\balpha\b`), "α"},
	{"gamma", regexp.MustCompile(`\bgamma\b`), "γ"},
	{"rho", regexp.MustCompile(`\brho\b`), "ρ"},
	{"^", regexp.MustCompile(`\^([234]|[ds]\b)`), "<sup>$1</sup>"},
	{"e", regexp.MustCompile(`(^|[ \[(])(-?[\d.]+)e([+-])0*(\d+)\b`), "$1$2·10<sup>$3$4</sup>"},
	{"<sup>+", regexp.MustCompile(`<sup>\+`), "<sup>"},
	{"<sup>-", regexp.MustCompile(`<sup>-`), "<sup>−"},
	{" - ", regexp.MustCompile(` - `), " − "},
	{"x ", regexp.MustCompile(`(^|[ :;(])x (\d)`), "$1×&nbsp;$2"},
	{"-", regexp.MustCompile(`(^|[ \[(])-(\d)`), "$1−$2"},
	{"(x)", regexp.MustCompile(`\(x\)`), "(×)"},
	{"-", regexp.MustCompile(`^-$`), "–"},
}

func typeset(s string) template.HTML {
	escaped := template.HTMLEscapeString(s)
	for _, r := range symbols {
		if strings.Contains(escaped, r.needle) {
			escaped = r.plain.ReplaceAllString(escaped, r.html)
		}
	}
	return template.HTML(escaped)
}
