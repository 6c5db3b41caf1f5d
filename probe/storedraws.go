package probe

import (
	"fmt"

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

// arrays are those with one value a draw; those of draws at B_eff are empty where it rounds to no sample.
func (d *Draws) arrays() []storedArray {
	each, effective := []int{d.Plan.Draws}, []int{d.Plan.Draws}
	if d.Effective < 1 {
		effective = []int{0}
	}
	all := []storedArray{
		{"norm_sq", &d.NormSq, each}, {"prime_norm_sq", &d.PrimeNormSq, each}, {"cross", &d.Cross, each},
		{"enhanced_norm_sq", &d.EnhancedSq, each}, {"update_error", &d.UpdateError, each}, {"effective_norm_sq", &d.EffectiveSq, effective},
	}
	for i := range d.Projections {
		p := &d.Projections[i]
		prefix := "projection." + p.Name
		all = append(all, storedArray{prefix + ".x", &p.X, each}, storedArray{prefix + ".x_prime", &p.XPrime, each},
			storedArray{prefix + ".enhanced", &p.NE, each}, storedArray{prefix + ".effective", &p.Effective, effective})
	}
	return all
}

// WriteDraws stores direct draws as arrays with one value a draw: norm_sq, prime_norm_sq, cross, enhanced_norm_sq, update_error,
// effective_norm_sq (empty where B_eff rounds to no sample), and projection.NAME.{x,x_prime,enhanced,effective} for every direction; and where
// they are known the norms of all N samples, samples.norm_sq [N], samples.mean_dot [N] and samples.mean_norm_sq [1], and update.sgd,
// update.enhanced and update.effective of [DrawUpdates].
func WriteDraws(path string, d *Draws) error {
	about := drawsHeader{
		Draws: d.Plan.Draws, Batch: d.Batch, Alpha: d.Alpha, Pairing: string(d.Pairing), Seed: d.Seed,
		Population: d.Population, Effective: d.Effective, Ghost: d.Ghost, Differences: d.Differences, Step: d.Step, Parameters: d.Parameters,
	}
	for _, p := range d.Projections {
		about.Directions = append(about.Directions, p.Name)
	}
	tensors := append(tensorsOf(d.arrays()), d.Samples.tensors()...)
	return writeArrays(path, DrawsSchema, about, append(tensors, d.updateTensors()...))
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
	for _, name := range about.Directions {
		d.Projections = append(d.Projections, DrawProjection{Name: name})
	}
	if err := readArrays(f, path, d.arrays()); err != nil {
		return nil, err
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
