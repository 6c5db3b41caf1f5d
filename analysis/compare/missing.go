package compare

import (
	"slices"
	"strings"

	"github.com/noiseprobe/noiseprobe/analysis/document"
)

// missing are the reasons why verdicts are missing, with the quantities that have them, in the order of their appearance.
type missing []struct {
	reason string
	labels []string
}

func (m *missing) add(label, reason string) {
	if reason == "" {
		return
	}
	for i := range *m {
		if found := &(*m)[i]; found.reason == reason {
			if !slices.Contains(found.labels, label) {
				found.labels = append(found.labels, label)
			}
			return
		}
	}
	*m = append(*m, struct {
		reason string
		labels []string
	}{reason, []string{label}})
}

func (m missing) notes() (all []string) {
	for _, why := range m {
		all = append(all, "No verdict, since "+why.reason+": "+strings.Join(why.labels, ", ")+".")
	}
	return all
}

// verdictWord is a verdict in a table, where the notes have the reason for one that is missing.
func verdictWord(verdict, reason string) string {
	if reason != "" {
		return document.Undefined
	}
	return verdict
}
