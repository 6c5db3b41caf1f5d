package simd

import (
	"strings"
	"testing"
)

func TestChoose(t *testing.T) {
	cases := []struct {
		asked string
		best  Set
		want  Set
	}{
		{"", AVX512, AVX512}, {"", AVX2, AVX2}, {"", Generic, Generic},
		{"", NEON, NEON}, {"generic", NEON, Generic}, {"neon", NEON, NEON},
		{"avx2", AVX512, AVX2}, {"generic", AVX512, Generic}, {"avx512", AVX512, AVX512},
	}
	for _, c := range cases {
		if got, err := choose(c.asked, c.best); got != c.want || err != nil {
			t.Errorf("asked %q of %s: %q, %v", c.asked, c.best, got, err)
		}
	}
}

func TestChooseRefuses(t *testing.T) {
	if _, err := choose("avx2", NEON); err == nil {
		t.Error("avx2 on arm64: no error")
	}
	for asked, best := range map[string]Set{"avx512": AVX2, "avx2": Generic, "sse": AVX512, "AVX2": AVX512, "neon": AVX512} {
		_, err := choose(asked, best)
		if err == nil || !strings.Contains(err.Error(), "NOISEPROBE_KERNEL="+asked) {
			t.Errorf("asked %q of %s: error %v", asked, best, err)
		}
	}
}

// The tests of all packages rest on the kernels being the best ones of the machine unless told otherwise.
func TestKernelsAgree(t *testing.T) {
	set, err := Choose()
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("kernels: %s, best: %s", set, best())
	if Kernels() != set {
		t.Errorf("Kernels %s, Choose %s", Kernels(), set)
	}
}
