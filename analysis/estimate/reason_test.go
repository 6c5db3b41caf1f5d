package estimate

import (
	"encoding/json"
	"testing"
)

// TestReason: the words of a report.json, and its numbers without those that are not known.
func TestReason(t *testing.T) {
	r := Reason{Why: "12 units are too few", Remedy: "30 would do", Needs: Needs{Units: 30}}
	if r.String() != "12 units are too few; 30 would do" || (Reason{Why: "few"}).String() != "few" || (Reason{}).String() != "" {
		t.Errorf("%q", r)
	}
	data, err := json.Marshal(struct {
		Needs Needs `json:"needs,omitzero"`
		None  Needs `json:"none,omitzero"`
	}{Needs: r.Needs})
	if err != nil || string(data) != `{"needs":{"units":30}}` {
		t.Errorf("%s, %v", data, err)
	}
}
