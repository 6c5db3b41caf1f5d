package main

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/noiseprobe/noiseprobe/internal/numtest"
)

// The keys of bench -json that programs may rely on, by the type of their values.
const (
	benchTexts   = "cpu blas model"
	benchNumbers = "workers batch alpha gradient_ms step_ms gemm_gflops"
	gramNumbers  = "units record_ms gram_ms bytes"
)

// TestBenchJSON: one document with every key of the contract, its numbers positive; gram is null, and there, without units.
func TestBenchJSON(t *testing.T) {
	numtest.NeedFull(t, "the keys of bench -json, which take seconds")
	t.Parallel()
	document := benchDocument(t, "-units", "8", "-alpha", "1.5")
	gram, ok := document["gram"].(map[string]any)
	if !ok {
		t.Fatalf("gram is %v", document["gram"])
	}
	for _, key := range strings.Fields(benchTexts) {
		if text, ok := document[key].(string); !ok || text == "" {
			t.Errorf("%s is %v", key, document[key])
		}
	}
	positive(t, document, benchNumbers)
	positive(t, gram, gramNumbers)
	for key, want := range map[string]any{"model": "[16],[8]", "batch": 20.0, "alpha": 1.5, "workers": 1.0} {
		if document[key] != want {
			t.Errorf("%s is %v, want %v", key, document[key], want)
		}
	}
	if gram["units"] != 8.0 {
		t.Errorf("units are %v, want 8", gram["units"])
	}
	document = benchDocument(t, "-units", "0")
	if gram, ok := document["gram"]; gram != nil || !ok {
		t.Errorf("without units gram is %v", gram)
	}
	positive(t, document, benchNumbers)
}

func benchDocument(t *testing.T, args ...string) (document map[string]any) {
	t.Helper()
	flags := []string{"bench", "-json", "-model", "[16],[8]", "-batch", "20", "-workers", "1", "-blas", "gonum"}
	if err := json.Unmarshal(output(t, t.TempDir(), append(flags, args...)...), &document); err != nil {
		t.Fatal(err)
	}
	return document
}

func positive(t *testing.T, object map[string]any, keys string) {
	t.Helper()
	for key := range strings.FieldsSeq(keys) {
		if v, ok := object[key].(float64); !ok || v <= 0 {
			t.Errorf("%s is %v", key, object[key])
		}
	}
}
