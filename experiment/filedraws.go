package experiment

import (
	"cmp"
	"fmt"
	"math"

	"github.com/noiseprobe/noiseprobe/noise"
	"github.com/noiseprobe/noiseprobe/probe"
)

// readDraws reads the draws of all checkpoints. What they were drawn for, alpha, B and the pairing, is what the analysis is about.
func (f *fileStudy) readDraws(all []recording) error {
	for i := range all {
		r := &all[i]
		if r.drawn == "" {
			continue
		}
		d, err := probe.ReadDraws(r.drawn)
		if err != nil {
			return err
		}
		if err := f.adopt(r.drawn, d); err != nil {
			return err
		}
		r.draws = d
	}
	return nil
}

// adopt takes over what was not given, and refuses draws for anything else.
func (f *fileStudy) adopt(path string, d *probe.Draws) error {
	if math.IsNaN(f.Alpha) {
		f.Alpha = d.Alpha
	}
	f.Batch, f.pairing = cmp.Or(f.Batch, d.Batch), noise.Pairing(cmp.Or(string(f.pairing), string(d.Pairing)))
	if f.Alpha != d.Alpha || f.Batch != d.Batch || f.pairing != d.Pairing {
		return fmt.Errorf("%s: was drawn with alpha %v, B %d and %s pairs, and the analysis is about alpha %v, B %d and %s pairs", path, d.Alpha, d.Batch,
			d.Pairing, f.Alpha, f.Batch, f.pairing)
	}
	return nil
}

// settleDraws takes N from the draws where nothing else says it, and refuses draws from another population or network.
func (r recording) settleDraws(files *probe.Files) error {
	if r.draws == nil {
		return nil
	}
	if p := files.Parameters(); p > 0 && r.draws.Parameters > 0 && p != r.draws.Parameters {
		return fmt.Errorf("%s: was drawn of %d parameters, and the gradients of %s have %d: both are of all layers of one network", r.drawn, r.draws.Parameters,
			r.paths[0], p)
	}
	size := max(files.UnitSize, 1)
	if files.Population == 0 {
		files.Population = r.draws.Population / size
	}
	if files.Population != r.draws.Population/size {
		return fmt.Errorf("%s: was drawn from %d samples, and the gradients of %s are of a population of %d", r.drawn, r.draws.Population, r.paths[0],
			files.Population*size)
	}
	if files.Population < files.Units() {
		return fmt.Errorf("%s: was drawn from %d samples, fewer than the %d gradients of %s", r.drawn, r.draws.Population, files.Units(), r.paths[0])
	}
	return nil
}
