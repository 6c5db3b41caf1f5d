package document

import "testing"

func TestTypeset(t *testing.T) {
	for text, want := range map[string]string{
		"tr Sigma / n - 1":      "tr&nbsp;Σ / n − 1",
		"alpha^2 < B_eff":       "α<sup>2</sup> &lt; B<sub>eff</sub>",
		"[-0.1, -2.00e-05]":     "[−0.1, −2.00·10<sup>−5</sup>]",
		"1e+06, lr1e-3":         "1·10<sup>6</sup>, lr1e-3",
		"f_u = 2, B^s":          "f<sub>u</sub> = 2, B<sup>s</sup>",
		"-":                     "–",
		"alphabet, independent": "alphabet, independent",
	} {
		if got := typeset(text); string(got) != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}
