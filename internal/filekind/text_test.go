package filekind

import "testing"

func TestText(t *testing.T) {
	for text, want := range map[string]string{
		Mark + "a,b\r\n1,2\r\n": "a,b\n1,2\n",
		"a\n" + Mark + "\rb\n":  "a\n" + Mark + "\rb\n",
		"":                      "",
	} {
		if got := string(Text([]byte(text))); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}
