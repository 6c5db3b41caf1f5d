package probe

import (
	"fmt"
	"strings"

	"github.com/noiseprobe/noiseprobe/internal/safetensors"
	"github.com/noiseprobe/noiseprobe/noise"
)

// DrawsSchema names the version of draws.safetensors.
const DrawsSchema = "noiseprobe/draws/1"

type drawsHeader struct {
	Draws       int      `json:"draws"`
	Batch       int      `json:"batch"`
	Alpha       float64  `json:"alpha"`
	Pairing     string   `json:"pairing"`
	Seed        uint64   `json:"seed"`
	Population  int      `json:"population"`
	Effective   int      `json:"effective"`
	Ghost       int      `json:"ghost,omitempty"`
	Differences bool     `json:"differences,omitempty"`
	Step        *int     `json:"step,omitempty"`
	Parameters  int      `json:"parameters,omitempty"`
	Directions  []string `json:"directions"`
}

// arrays returns the arrays of a Draws value by name; those of draws at B_eff are empty where B_eff rounds to no sample.
func (d *Draws) arrays() map[string]*[]float64 {
	return map[string]*[]float64{
		"norm_sq": &d.NormSq, "prime_norm_sq": &d.PrimeNormSq, "cross": &d.Cross,
		"enhanced_norm_sq": &d.EnhancedSq, "update_error": &d.UpdateError, "effective_norm_sq": &d.EffectiveSq,
	}
}

func (p *DrawProjection) arrays() map[string]*[]float64 {
	prefix := "projection." + p.Name
	return map[string]*[]float64{
		prefix + ".x": &p.X, prefix + ".x_prime": &p.XPrime, prefix + ".enhanced": &p.NE, prefix + ".effective": &p.Effective,
	}
}

var drawArrays = []string{"norm_sq", "prime_norm_sq", "cross", "enhanced_norm_sq", "update_error", "effective_norm_sq"}
var projectionArrays = []string{".x", ".x_prime", ".enhanced", ".effective"}

// WriteDraws stores direct draws as arrays with one value a draw: norm_sq, prime_norm_sq, cross, enhanced_norm_sq, update_error,
// effective_norm_sq (empty where B_eff rounds to no sample), and projection.NAME.{x,x_prime,enhanced,effective} for every direction; and where
// they are known the norms of all N samples, samples.norm_sq [N], samples.mean_dot [N] and samples.mean_norm_sq [1], and update.sgd,
// update.enhanced and update.effective of [DrawUpdates].
func WriteDraws(path string, d *Draws) error {
	about := drawsHeader{
		Draws: d.Plan.Draws, Batch: d.Batch, Alpha: d.Alpha, Pairing: string(d.Pairing), Seed: d.Seed,
		Population: d.Population, Effective: d.Effective, Ghost: d.Ghost, Differences: d.Differences, Step: d.Step, Parameters: d.Parameters,
	}
	var tensors []safetensors.Tensor
	add := func(name string, arrays map[string]*[]float64) {
		values := *arrays[name]
		tensors = append(tensors, safetensors.F64(name, []int{len(values)}, values))
	}
	for _, name := range drawArrays {
		add(name, d.arrays())
	}
	for i := range d.Projections {
		p := &d.Projections[i]
		about.Directions = append(about.Directions, p.Name)
		for _, suffix := range projectionArrays {
			add("projection."+p.Name+suffix, p.arrays())
		}
	}
	tensors = append(tensors, d.Samples.arrays()...)
	return writeArrays(path, DrawsSchema, about, append(tensors, d.Updates.arrays()...))
}

// ReadDraws reads a file of [WriteDraws] and verifies its checksum.
func ReadDraws(path string) (*Draws, error) {
	f, err := safetensors.OpenVerified(path, DrawsSchema)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var about drawsHeader
	if err := readAbout(f, path, &about); err != nil {
		return nil, err
	}
	d := &Draws{
		Plan:       Plan{Draws: about.Draws, Batch: about.Batch, Alpha: about.Alpha, Pairing: noise.Pairing(about.Pairing), Seed: about.Seed},
		Population: about.Population, Effective: about.Effective, Ghost: about.Ghost, Differences: about.Differences, Step: about.Step, Parameters: about.Parameters,
	}
	if err := d.check(path); err != nil {
		return nil, err
	}
	if err := d.readInto(f, path, d.arrays()); err != nil {
		return nil, err
	}
	for _, name := range about.Directions {
		p := DrawProjection{Name: name}
		if err := d.readInto(f, path, p.arrays()); err != nil {
			return nil, err
		}
		d.Projections = append(d.Projections, p)
	}
	if err := d.readSamples(f, path); err != nil {
		return nil, err
	}
	return d, d.readUpdates(f, path)
}

func (d *Draws) check(path string) error {
	if _, err := noise.ParsePairing(string(d.Pairing)); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	if err := noise.CheckBatch(d.Pairing, d.Population, d.Batch); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	if d.Plan.Draws < 2 {
		return fmt.Errorf("%s: holds %d draws, at least 2 are needed", path, d.Plan.Draws)
	}
	return nil
}

// readInto reads arrays of one value a draw; those at B_eff are empty where it rounds to no sample.
func (d *Draws) readInto(f *safetensors.File, path string, arrays map[string]*[]float64) error {
	for name, dst := range arrays {
		values, err := f.Float64s(name)
		if err != nil {
			return err
		}
		want := d.Plan.Draws
		if d.Effective < 1 && (name == "effective_norm_sq" || strings.HasSuffix(name, ".effective")) {
			want = 0
		}
		if len(values) != want {
			return fmt.Errorf("%s: %s has %d values, want %d", path, name, len(values), want)
		}
		*dst = values
	}
	return nil
}
