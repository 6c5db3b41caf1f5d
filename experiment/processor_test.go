package experiment

import "testing"

func TestModelName(t *testing.T) {
	for text, want := range map[string]string{
		"processor\t: 0\nmodel\t\t: 17\nmodel name\t: A CPU   @ 2:5 GHz \nmodel name\t: another\n": "A CPU @ 2:5 GHz",
		"processor\t: 0\nCPU part\t: 0xd0c\n":                                                      "",
		"":                                                                                         "",
	} {
		if got := modelName(text); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
	if Processor() == "" {
		t.Error("this machine's processor has no name")
	}
}
