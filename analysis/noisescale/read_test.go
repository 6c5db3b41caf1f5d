package noisescale

import (
	"fmt"
	"math"
	"strings"
	"testing"
)

const header = "step,small_batch,small_norm_sq,big_batch,big_norm_sq\n"

// lines are n of them, of a format whose number is the step.
func lines(n int, format string) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, format, i)
	}
	return b.String()
}

func read(t *testing.T, text, columns string) (*Log, error) {
	t.Helper()
	c, err := ParseColumns(columns)
	if err != nil {
		t.Fatal(err)
	}
	return Read(strings.NewReader(text), "LOG", c, 1)
}

// Every form of the same log gives the same: norms 9 and 4 of batches of 2 and 8, and so S = 5 / (3/8) and |G|^2 = 14/6 at every step.
func TestForms(t *testing.T) {
	const n = 12
	for name, c := range map[string]struct{ text, columns string }{
		"CSV":                     {header + lines(n, "%d,2,9,8,4\n"), ""},
		"no last end":             {strings.TrimSuffix(header+lines(n, "%d,2,9,8,4\n"), "\n"), ""},
		"other columns and order": {"loss,big_norm_sq,step,big_batch,small_norm_sq,small_batch\n" + lines(n, "0.5,4,%d,8,9,2\n"), ""},
		"semicolons":              {strings.ReplaceAll(header, ",", ";") + lines(n, "%d;2;9;8;4\n"), ""},
		"tabs, comments, CRLF":    {"# a log\r\n" + strings.ReplaceAll(header, ",", "\t") + lines(n, "%d\t2\t9\t8\t4\r\n"), ""},
		"byte order mark, blanks": {"\xef\xbb\xbf" + strings.ReplaceAll(header, ",", ", ") + lines(n, "%d, 2 , 9.0, 8, 4e0\n\n"), ""},
		"quoted":                  {`"step",small_batch,"small_norm_sq",big_batch,big_norm_sq` + "\n" + lines(n, "\"%d\",2,\"9\",8,4\n"), ""},
		"squares and constants":   {"it,a,b\n" + lines(n, "%d,3,2\n"), "step=it,small_norm_sq=a^2,big_norm_sq=b^2,small_batch=2,big_batch=8"},
		"one column twice":        {"it,a\n" + lines(n, "%d.0,3\n"), "step=it,small_norm_sq=a^2,big_norm_sq=a,small_batch=2,big_batch=8"},
		"repeated headers":        {header + lines(n, "%d,2,9,8,4\n"+strings.ReplaceAll(header, ",", ", ")), ""},
		"other rows":              {"loss," + header + lines(n, ",%d,2,9,8,4\n0.5,7,,,,\n"), ""},
		"JSON lines":              {lines(n, `{"step": %d, "small_batch": 2, "small_norm_sq": 9, "big_batch": 8, "big_norm_sq": 4}`+"\n"), ""},
		"JSON, nested and escaped": {lines(n, `{"x":{"step":[1,"}"]},"st\u0065p":%d,"s\"":"a\\","small_batch":2.0,"t":[],"small_norm_sq":9,"big_batch":8,"big_norm_sq":4,"u":null}`+
			"\r\n\n"), ""},
		"JSON, squares": {lines(n, `{"it":%d,"a":3,"b":2}`+"\n"), "step=it,small_norm_sq=a^2,big_norm_sq=b^2,small_batch=2,big_batch=8"},
		"JSON, other lines": {`{"config": 1}` + "\n" + lines(n, `{"step":%d,"small_batch":2,"small_norm_sq":9,"big_batch":8,"big_norm_sq":4}`+"\n"+
			`{"step":3,"eval_loss":0.5}`+"\n"), ""},
	} {
		l, err := read(t, c.text, c.columns)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		small, big := 9.0, 4.0
		if name == "one column twice" {
			big = 3
		}
		s, q := Norms{small, big}.unbiased(2, 8)
		r, err := l.Analyse(0)
		if err != nil || r.Steps != n || r.First != 0 || r.Last != n-1 || !near(float64(r.Trace), s) || !near(float64(r.GradientNormSq), q) || r.Superseded != 0 {
			t.Errorf("%s: %+v, %v, want %g and %g", name, r, err, s, q)
		}
		if want := map[string]int{"other rows": n, "JSON, other lines": n + 1}[name]; r.Skipped != want {
			t.Errorf("%s: %d rows are skipped, want %d", name, r.Skipped, want)
		}
	}
}

func near(got, want float64) bool { return math.Abs(got-want) < 1e-14*math.Abs(want) }

// Layers are those of which there are columns, in the order of the file.
func TestLayers(t *testing.T) {
	l, err := read(t, strings.TrimSpace(header)+",small_norm_sq.b,big_norm_sq.b,small_norm_sq.a,big_norm_sq.a,x\n"+lines(10, "%d,2,9,8,4,5,4,3,2,4\n"), "small_norm_sq.c=x,big_norm_sq.c=x^2")
	if err != nil {
		t.Fatal(err)
	}
	r, err := l.Analyse(0)
	if err != nil || len(r.Layers) != 3 {
		t.Fatalf("%+v, %v", r, err)
	}
	for i, want := range []struct {
		name  string
		norms Norms
	}{{"b", Norms{5, 4}}, {"a", Norms{3, 2}}, {"c", Norms{4, 16}}} {
		s, q := want.norms.unbiased(2, 8)
		if l := r.Layers[i]; l.Name != want.name || !near(float64(l.Trace), s) || !near(float64(l.GradientNormSq), q) {
			t.Errorf("%+v, want %v", l, want)
		}
	}
}

func TestDamage(t *testing.T) {
	const row = `{"step":1,"small_batch":2,"small_norm_sq":9,"big_batch":8,"big_norm_sq":4}` + "\n"
	for text, reason := range map[string]string{
		"":                                  "empty file",
		"\x00\x01":                          "not a text file",
		"[" + row + "]":                     "a JSON array",
		"step,loss\n1,2\n":                  "line 1: no column small_batch; there are step, loss",
		header + "1,2,9,8\n":                "line 2: 4 fields, and the header has 5",
		header + "1,2,9,8,4\n2,2,9,8,4,5\n": "line 3: 6 fields, and the header has 5",
		header + "1,2,9,8,4\n2,2,nan,8,4\n": "line 3: small_norm_sq is NaN",
		header + "1,2,9,8,-4\n":             "line 2: big_norm_sq is -4: a norm is not negative",
		header + "1,2,9,8,x\n":              `line 2: big_norm_sq is "x": not a number`,
		header + "1,2,\"9,5\",8,4\n":        `line 2: small_norm_sq is "9,5": not a number, its comma may be one of decimals`,
		header + "1,2,9,8,1e999\n":          `line 2: big_norm_sq is "1e999": not a number`,
		header + "1,2,9,8,inf\n":            "line 2: big_norm_sq is +Inf",
		header + "1,2,9,2,4\n":              "line 2: small_batch and big_batch are both 2",
		header + "1,8,9,2,4\n":              "line 2: small_batch is 8, larger than big_batch 2",
		header + "1,,9,2,4\n":               "line 2: small_batch is missing",
		header + "1.5,2,9,8,4\n":            "line 2: step is 1.5: must be a whole number",
		header + "1,2,9,8,\"4\n":            "line 2: ",
		"step," + header:                    "line 1: 2 columns are called step",
		strings.TrimSpace(header) + ",small_norm_sq.a\n": "line 1: no column big_norm_sq.a; there are",
		row + "{\"step\": 2":                             "line 2: not a JSON object: unexpected end of JSON input",
		row + "x\n":                                      "line 2: not a JSON object: invalid character 'x'",
		row + "[1]\n":                                    "line 2: not a JSON object: it begins with '['",
		row + strings.Replace(row, "9", "NaN", 1):        "line 2: not a JSON object: invalid character 'N'",
		row + strings.Replace(row, "9", `"9"`, 1):        `line 2: small_norm_sq is "9": not a number`,
		row + "\n" + strings.Replace(row, "9", "[9]", 1): `line 3: small_norm_sq is [9]: not a number`,
		row + strings.Replace(row, "9", "null", 1):       `line 2: small_norm_sq is missing`,
		row + strings.Replace(row, "9", "-9", 1):         `line 2: small_norm_sq is -9: a norm is not negative`,
		`{"loss": 1}` + "\n":                             "line 1: no column step; there are loss",
	} {
		_, err := read(t, text, "")
		if err == nil || !strings.HasPrefix(err.Error(), "LOG: "+reason) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%q: %v, want %q", text, err, reason)
		}
	}
	if _, err := read(t, "step,a\n1,-3\n", "small_norm_sq=a^2,big_norm_sq=a^2,small_batch=1,big_batch=2"); err == nil || !strings.Contains(err.Error(), "a is -3") {
		t.Errorf("a negative norm that is squared: %v", err)
	}
	if _, err := read(t, "step,a\n1,1e200\n", "small_norm_sq=a^2,big_norm_sq=a^2,small_batch=1,big_batch=2"); err == nil || !strings.Contains(err.Error(), "+Inf") {
		t.Errorf("a square that overflows: %v", err)
	}
}

func TestParseColumns(t *testing.T) {
	for text, reason := range map[string]string{
		"x": "must be NAME=COLUMN", "step=": "must be NAME=COLUMN", "loss=x": `"loss": the columns are step,`, "step=a,step=b": "step comes twice",
		"step=a^2": "only norms can be squared", "small_norm_sq=3": "only norms can be squared, and only batches", "step=3": "only batches",
	} {
		if _, err := ParseColumns(text); err == nil || !strings.Contains(err.Error(), reason) {
			t.Errorf("%s: %v, want %q", text, err, reason)
		}
	}
	many := make([]string, 30)
	for i := range many {
		many[i] = fmt.Sprint("c", i)
	}
	if _, err := read(t, strings.Join(many, ",")+"\n", ""); err == nil || !strings.HasSuffix(err.Error(), "c18, c19 and 10 more") {
		t.Errorf("many columns: %v", err)
	}
}
