package figure

import (
	"regexp"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
)

// symbols turn the plain notation of the text into print; what is raised or lowered stands in braces. Only words that have the needle are
// searched, since most have none.
var symbols = []struct {
	needle string
	plain  *regexp.Regexp
	print  string
}{
	{"tr Sigma", regexp.MustCompile(`\btr Sigma\b`), "tr Σ"},
	{"Sigma", regexp.MustCompile(`\bSigma\b`), "Σ"},
	{"alpha", regexp.MustCompile(`\balpha\b`), "α"},
	{"gamma", regexp.MustCompile(`\bgamma\b`), "γ"},
	{"rho", regexp.MustCompile(`\brho\b`), "ρ"},
	{"_", regexp.MustCompile(`\b([A-Za-z])_(eff|u|min|simple)\b`), "${1}_{$2}"},
	{"^", regexp.MustCompile(`\^(-?\d+)\b`), "^{$1}"},
	{" - ", regexp.MustCompile(` - `), " − "},
	{"x ", regexp.MustCompile(`(^|[ :])x (\d)`), "$1× $2"},
	{"-", regexp.MustCompile(`(^|[ \[({])-([\d∞])`), "$1−$2"},
	{"e", regexp.MustCompile(`(\d)e([+-]\d+)\b`), "$1·10^{$2}"},
	{"{", regexp.MustCompile(`\{[+]?(-?)0*(\d+)\}`), "{$1$2}"},
	{"{-", regexp.MustCompile(`\{-`), "{−"},
}

// typeset turns the plain notation of a label into print.
func typeset(s string) string {
	for _, r := range symbols {
		if strings.Contains(s, r.needle) {
			s = r.plain.ReplaceAllString(s, r.print)
		}
	}
	return s
}

// scripted is a text with parts that are raised or lowered.
var scripted = regexp.MustCompile(`([\^_])\{([^{}]*)\}`)

// superscripts are forms of digits of their own.
var superscripts = strings.NewReplacer("−", "⁻", "0", "⁰", "1", "¹", "2", "²", "3", "³", "4", "⁴", "5", "⁵", "6", "⁶", "7", "⁷", "8", "⁸", "9", "⁹")

// unscripted is such a text for where nothing can be raised.
func unscripted(s string) string {
	return scripted.ReplaceAllStringFunc(typeset(s), func(part string) string {
		m := scripted.FindStringSubmatch(part)
		if m[1] == "_" {
			return "_" + m[2]
		}
		return superscripts.Replace(m[2])
	})
}

// part is a piece of a line, raised or lowered by a share of the size of its font.
type part struct {
	text  string
	shift vg.Length
}

// Shares of the size of a font: of what is raised or lowered, and by how much.
const (
	scriptSize = 0.7
	raised     = 0.36
	lowered    = -0.18
)

func parts(line string) []part {
	line = typeset(line)
	var all []part
	for {
		var at []int
		if strings.Contains(line, "{") {
			at = scripted.FindStringSubmatchIndex(line)
		}
		if at == nil {
			return append(all, part{text: line})
		}
		shift := vg.Length(raised)
		if line[at[2]] == '_' {
			shift = lowered
		}
		all = append(all, part{text: line[:at[0]]}, part{line[at[4]:at[5]], shift})
		line = line[at[1]:]
	}
}

func (p part) font(of font.Font) font.Font {
	if p.shift != 0 {
		of.Size *= scriptSize
	}
	return of
}

// handler is a text.Handler for the notation of labels.
type handler struct{ text.Plain }

var words = handler{text.Plain{Fonts: plot.DefaultTextHandler.Cache()}}

// Box implements text.Handler.
func (h handler) Box(line string, of font.Font) (width, height, depth vg.Length) {
	for _, p := range parts(line) {
		w, _, _ := h.Plain.Box(p.text, p.font(of))
		width += w
	}
	_, height, depth = h.Plain.Box(line, of)
	return width, height, depth
}

// Draw implements text.Handler: it puts the parts of each line beside each other.
func (h handler) Draw(c vg.Canvas, words string, sty text.Style, pt vg.Point) {
	lines := h.Lines(words)
	height := sty.Height(words)
	for i, line := range lines {
		width, _, _ := h.Box(line, sty.Font)
		x := vg.Length(sty.XAlign) * width
		y := height*vg.Length(sty.YAlign) + vg.Length(len(lines)-i)*sty.Font.Size - h.Extents(sty.Font).Ascent
		for _, p := range parts(line) {
			own := p.font(sty.Font)
			face := h.Fonts.Lookup(own, own.Size)
			c.Push()
			c.SetColor(sty.Color)
			c.Translate(pt)
			if sty.Rotation != 0 {
				c.Rotate(sty.Rotation)
			}
			// The spaces at the ends of a text are nothing in an SVG.
			if shown := strings.TrimLeft(p.text, " "); shown != "" {
				indent := face.Width(p.text) - face.Width(shown)
				c.FillString(face, vg.Point{X: x + indent, Y: y + p.shift*sty.Font.Size}, strings.TrimRight(shown, " "))
			}
			c.Pop()
			x += face.Width(p.text)
		}
	}
}

// unbroken is a word, or an interval, which stays on one line.
var unbroken = regexp.MustCompile(`\[[^]]*\]\S*|\S+`)

// leastSize is the smallest size that can still be read.
const leastSize = 7.5

// fitted is a style in which a text has room, down to a least size, and the text in as many lines as it then takes.
func fitted(sty text.Style, label string, room, least vg.Length) (text.Style, string) {
	for sty.Width(label) > room && sty.Font.Size > least {
		sty.Font.Size -= 0.5
	}
	if sty.Width(label) <= room {
		return sty, label
	}
	var lines []string
	line := ""
	for _, word := range unbroken.FindAllString(label, -1) {
		if line != "" && sty.Width(line+" "+word) > room {
			lines, line = append(lines, line), ""
		}
		line = strings.TrimSpace(line + " " + word)
	}
	return sty, strings.Join(append(lines, line), "\n")
}
