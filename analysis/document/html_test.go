package document

import "testing"

func TestTypeset(t *testing.T) {
	for text, want := range map[string]string{
		"tr Sigma / n - 1":      "tr&nbsp;Σ / n − 1",
		"alpha^2 < B_eff":       "α<sup>2</sup> &lt; B<sub>eff</sub>",
		"[-0.1, -2.00e-05]":     "[−0.1, −2.00e-05]",
		"-":                     "–",
		"alphabet, independent": "alphabet, independent",
	} {
		if got := typeset(text); string(got) != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}
