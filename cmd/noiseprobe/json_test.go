package main

import (
	"bytes"
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"
)

// keys are the keys that programs may rely on, by the path of the object that holds them; the first element of a list stands
// for all.
var keys = map[string]string{
	"":         "schema run training checkpoints",
	"run":      "model spec parameters alpha batch pairing optimizer learning_rate adam_eps l_star l_stop loss_measure until_converged ghost eval seed data blas workers version go",
	"run.data": "name source train test",
	"training": "steps stopped convergence_time seconds train_loss test_loss test_accuracy",

	"checkpoints": "step train_loss test_loss test_accuracy unit unit_size units population parameters covariance noise " +
		"noise_correlation update_check enhancement effective_batch normality tails warnings",
	"checkpoints.covariance": "trace trace_unbiased eigenvalues effective_rank_entropy effective_rank_participation " +
		"effective_rank_participation_unbiased gradient_norm_sq gradient_norm_sq_unbiased noise_scale noise_scale_plugin " +
		"gradient_diversity gradient_diversity_scaled ci layers",
	"checkpoints.covariance.layers": "name parameters trace gradient_norm_sq noise_scale",
	"checkpoints.noise":             "gradient_trace update_trace_sgd",
	"checkpoints.curvature": "kind units trace frobenius eigenvalues noise_trace noise_trace_unbiased alignment anisotropy gradient_curvature step_gain " +
		"step_cost ci",
	"checkpoints.noise_correlation":       "evidence pairing draws predicted measured ci p_value",
	"checkpoints.enhancement":             "alpha pairing batch evidence draws predicted measured ci equivalence",
	"checkpoints.enhancement.equivalence": "margin p_value equivalent",
	"checkpoints.effective_batch":         "alpha pairing batch evidence predicted measured ci",
	"checkpoints.normality": "of axis standardised alpha batch n skewness_g1 excess_kurtosis_g2 excess_kurtosis_predicted " +
		"ci tests",
	"checkpoints.normality.tests": "name statistic p_value log_p",
	"checkpoints.tails":           "of axis standardised zeros alpha batch n estimates surrogate",
	"checkpoints.tails.estimates": "method k gamma tail_index ci",
	"checkpoints.tails.surrogate": "method tail_index",
}

// TestJSON: run -json prints one document with every key of the contract, which is the report in the directory, and analyze
// -json prints it again. The analysis is that of a run without flags.
func TestJSON(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	printed := output(t, dir, append(repeatable("-json -resamples 16384"), "-out", "a")...)
	saved, err := os.ReadFile(dir + "/a/report.json")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(printed, saved) {
		t.Error("run -json does not print report.json")
	}
	if !bytes.Equal(output(t, dir, "analyze", "a", "-json"), saved) {
		t.Error("analyze -json does not print report.json")
	}
	decoder := json.NewDecoder(bytes.NewReader(printed))
	var document map[string]any
	if err := decoder.Decode(&document); err != nil {
		t.Fatal(err)
	}
	if err := decoder.Decode(new(any)); err != io.EOF {
		t.Errorf("after the document: %v", err)
	}
	checkpoints := document["checkpoints"].([]any)
	if len(checkpoints) != 3 {
		t.Fatalf("%d checkpoints", len(checkpoints))
	}
	for path, names := range keys {
		// The last checkpoint has the direct draws as well.
		document["checkpoints"] = checkpoints[2:]
		object, ok := at(document, path).(map[string]any)
		if !ok {
			t.Errorf("%q: no object", path)
		}
		for _, name := range strings.Fields(names) {
			if _, ok := object[name]; !ok {
				t.Errorf("%q: no key %q", path, name)
			}
		}
	}
	document["checkpoints"] = checkpoints
	checkValues(t, "", document)
}

func output(t *testing.T, dir string, args ...string) []byte {
	t.Helper()
	p := exec.Command("noiseprobe", args...)
	p.Dir = dir
	out, err := p.Output()
	if err != nil {
		t.Fatalf("noiseprobe %s: %v", strings.Join(args, " "), err)
	}
	return out
}

// at follows a path of keys, through the first elements of lists.
func at(v any, path string) any {
	for key := range strings.FieldsSeq(strings.ReplaceAll(path, ".", " ")) {
		object, ok := v.(map[string]any)
		if !ok {
			return nil
		}
		v = first(object[key])
	}
	return v
}

func first(v any) any {
	if list, ok := v.([]any); ok && len(list) > 0 {
		return list[0]
	}
	return v
}

var (
	interval  = regexp.MustCompile(`\.ci$|\.(covariance|curvature|optimizer|shape)\.ci\.[a-z_]+$`)
	intervals = regexp.MustCompile(`\.(covariance|curvature|optimizer|shape)\.ci$`) // an object of them
)

// checkValues looks for what must not be anywhere: texts in place of numbers, and intervals that are not null or two ends.
func checkValues(t *testing.T, path string, v any) {
	t.Helper()
	list, isList := v.([]any)
	object, isObject := v.(map[string]any)
	if interval.MatchString(path) && v != nil && len(list) != 2 && !intervals.MatchString(path) {
		t.Errorf("%s is %v", path, v)
	}
	if text, ok := v.(string); ok && (text == "NaN" || strings.HasSuffix(text, "Inf") || text == "Infinity") {
		t.Errorf("%s is %q", path, text)
	}
	if isObject {
		for key, value := range object {
			checkValues(t, path+"."+key, value)
		}
	}
	if isList {
		for _, value := range list {
			checkValues(t, path+"[]", value)
		}
	}
}
