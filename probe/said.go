package probe

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/noiseprobe/noiseprobe/internal/safetensors"
)

// said is what a file says of its units; nil is what it does not say.
type said struct {
	Step, UnitSize, Population *int
	Unit                       *string
	// Total is the number of parameters of all layers.
	Total *int
}

// readSaid reads what a file from elsewhere says in its metadata, whose values are texts.
func readSaid(path string, metadata map[string]string) (s said, facts layerFacts, err error) {
	for _, number := range []struct {
		key   string
		dst   **int
		least int
	}{{"step", &s.Step, 0}, {"population", &s.Population, 0}, {"unit_size", &s.UnitSize, 1}} {
		text, ok := metadata[number.key]
		if !ok {
			continue
		}
		value, err := strconv.Atoi(strings.TrimSpace(text))
		if err != nil || value < number.least {
			return s, facts, fmt.Errorf("%s: metadata: %s is %q, want a whole number of at least %d", path, number.key, text, number.least)
		}
		*number.dst = &value
	}
	if unit, ok := metadata["unit"]; ok {
		if unit != UnitSample && unit != UnitGhostBatch {
			return s, facts, fmt.Errorf("%s: metadata: unit is %q, want %s or %s", path, unit, UnitSample, UnitGhostBatch)
		}
		s.Unit = &unit
	}
	if total, err := strconv.Atoi(strings.TrimSpace(metadata["parameters"])); err == nil && total > 0 {
		s.Total = &total
		delete(metadata, "parameters")
	}
	err = readFacts(path, metadata, &facts)
	return s, facts, err
}

// readFacts reads what is said of layers: JSON objects with their names.
func readFacts(path string, metadata map[string]string, facts *layerFacts) error {
	for _, object := range []struct {
		key, want string
		dst       any
	}{
		{"parameters", `a number, or numbers by layer such as {"fc1": 650}`, &facts.Parameters},
		{"bias", `true or false by layer such as {"fc1": false}`, &facts.Bias},
		{"geometry", `kernels by layer such as {"conv1": {"kernel": [3, 3], "stride": [1, 1], "dilation": [1, 1]}}`, &facts.Geometry},
	} {
		text, ok := metadata[object.key]
		if ok && json.Unmarshal([]byte(text), object.dst) != nil {
			return fmt.Errorf("%s: metadata: %s is %.80q, want %s", path, object.key, text, object.want)
		}
	}
	return nil
}

// checkNames refuses facts about layers that a file does not hold.
func (l layerFacts) checkNames(path string, layers []string) error {
	names := slices.AppendSeq(slices.AppendSeq(slices.Collect(maps.Keys(l.Parameters)), maps.Keys(l.Bias)), maps.Keys(l.Geometry))
	slices.Sort(names)
	for _, name := range names {
		if !slices.Contains(layers, name) {
			return fmt.Errorf("%s: the metadata name a layer %q, which the file does not hold", path, name)
		}
	}
	return nil
}

// merge takes over what a file says. Files of the same checkpoint must agree.
func (f *Files) merge(path string, s said) error {
	m := &f.Meta
	for _, fact := range []struct {
		what string
		now  *int
		dst  *int
	}{{"step", s.Step, &m.Step}, {"unit_size", s.UnitSize, &m.UnitSize}, {"population", s.Population, &m.Population}} {
		if fact.now == nil {
			continue
		}
		if earlier, ok := f.said[fact.what]; ok && *fact.dst != *fact.now {
			return fmt.Errorf("%s: has %s %d, but %s has %d: files of one checkpoint are layers of the same units", path, fact.what, *fact.now, earlier, *fact.dst)
		}
		f.said[fact.what], *fact.dst = path, *fact.now
	}
	if s.Unit == nil {
		return nil
	}
	if earlier, ok := f.said["unit"]; ok && m.Unit != *s.Unit {
		return fmt.Errorf("%s: has gradients of one %s each, but %s of one %s: files of one checkpoint are layers of the same units", path, *s.Unit, earlier, m.Unit)
	}
	f.said["unit"], m.Unit = path, *s.Unit
	return nil
}

// Description is what a file says before its arrays are read.
type Description struct {
	// Draws says that it holds direct draws and not gradients.
	Draws bool
	// Step is the number of updates before the recording, nil if the file does not say.
	Step *int
}

// Describe reads the metadata of a file of gradients or draws. Those of an .npz are arrays without axes; a .npy has none.
func Describe(path string) (Description, error) {
	switch extension(path) {
	case ".npz":
		return describeNumPy(path)
	case ".safetensors":
		return describeTensors(path)
	}
	return Description{}, nil
}

func describeTensors(path string) (Description, error) {
	file, err := safetensors.Open(path)
	if err != nil {
		return Description{}, err
	}
	defer file.Close()
	metadata := file.Metadata()
	schema := metadata["schema"]
	if metadata["about"] == "" || !slices.Contains([]string{GradientsSchema, DenseSchema, DrawsSchema}, schema) {
		s, _, err := readSaid(path, metadata)
		return Description{Step: s.Step}, err
	}
	var about struct {
		Step *int `json:"step"`
	}
	err = readAbout(file, path, &about)
	return Description{Draws: schema == DrawsSchema, Step: about.Step}, err
}

func describeNumPy(path string) (Description, error) {
	file, err := openNumPy(path)
	if err != nil {
		return Description{}, err
	}
	defer file.Close()
	metadata, err := file.metadata()
	if err != nil {
		return Description{}, err
	}
	s, _, err := readSaid(path, metadata)
	return Description{Step: s.Step}, err
}
