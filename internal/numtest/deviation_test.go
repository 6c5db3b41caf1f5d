package numtest

import (
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestDeviations(t *testing.T) {
	d := Deviations{}
	d.Add("exact", 2, 2, Tol{})
	d.Add("undefined", math.NaN(), math.NaN(), Tol{})
	d.Add("relative", 2.5, 2, Tol{Rel: 1})
	d.Add("relative", 2, 2, Tol{Rel: 1})
	d.Add("near zero", 1e-9, 2e-9, Tol{Abs: 1})
	// |2.5 - 2| / 2.5 = 0.2; 1e-9 is less than 1/2
	want := Deviations{"exact": 0, "undefined": 0, "relative": 0.2, "near zero": 1e-9}
	for name, v := range want {
		if got, ok := d[name]; !ok || math.Abs(got-v) > 1e-15 {
			t.Errorf("%s: %g, want %g", name, got, v)
		}
	}
}

func TestPageIsHeldToDeviations(t *testing.T) {
	page := filepath.Join(t.TempDir(), "page.md")
	text := "# Words\n\n| estimator | peer | deviation |\n|---|---|---|\n| `a` (see b) | R | 1e-9 |\n| `exact` | R | 0 |\n| c | R | 1 |\n"
	if err := os.WriteFile(page, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		d    Deviations
		want string
	}{
		{Deviations{"a": 5e-10, "exact": 0}, ""},
		{Deviations{"a": 2e-9}, "more than 1e-09"},
		{Deviations{"a": 1e-12}, "by only"},
		{Deviations{"exact": 1e-16}, "more than 0"},
		{Deviations{"c": 0}, "no row"},
		{Deviations{"d": 0}, "no row"},
	} {
		err := c.d.CheckPage(page)
		if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v: %v", c.d, err)
		}
	}
	if (Deviations{}).CheckPage(page+"x") == nil {
		t.Error("a missing page is no error")
	}
}
