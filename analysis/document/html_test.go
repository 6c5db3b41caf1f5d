package document

import (
	"bytes"
	"strings"
	"testing"

	"github.com/noiseprobe/noiseprobe/analysis/figure"
)

// TestNoDrawingWithoutData: what a figure would show is said in words.
func TestNoDrawingWithoutData(t *testing.T) {
	d := Document{Title: "t", Sections: []Section{{ID: "s", Title: "s", Figures: []string{"empty"}}}}
	var page bytes.Buffer
	if err := d.HTML(&page, []figure.Figure{{Name: "empty", Title: "Size", Empty: "nothing was measured"}}); err != nil {
		t.Fatal(err)
	}
	if text := page.String(); !strings.Contains(text, "Size, no data: nothing was measured.") || strings.Contains(text, "<svg") || strings.Contains(text, "<figure") {
		t.Errorf("%s", text[strings.Index(text, "<main>"):])
	}
}

func TestTypeset(t *testing.T) {
	for text, want := range map[string]string{
		"tr Sigma / n - 1":       "tr&nbsp;Σ / n − 1",
		"alpha^2 < B_eff":        "α<sup>2</sup> &lt; B<sub>eff</sub>",
		"[-0.1, -2.00e-05]":      "[−0.1, −2.00·10<sup>−5</sup>]",
		"1e+06, lr1e-3":          "1·10<sup>6</sup>, lr1e-3",
		"ratio (x): x 1.2 [x 1]": "ratio (×): ×&nbsp;1.2 [x 1]",
		"g_B + g_B', B_simple":   "g<sub>B</sub> + g<sub>B&#39;</sub>, B<sub>simple</sub>",
		"f_u = 2, B^s":           "f<sub>u</sub> = 2, B<sup>s</sup>",
		"-":                      "–",
		"alphabet, independent":  "alphabet, independent",
	} {
		if got := typeset(text); string(got) != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}
