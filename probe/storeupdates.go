package probe

import "github.com/noiseprobe/noiseprobe/internal/safetensors"

// updatePrefix begins the names of the arrays of updates.
const updatePrefix = "update."

// updateArrays have a value for every two draws, of which ghost batches take two for each of the plan.
func (d *Draws) updateArrays() []storedArray {
	pairs := d.Plan.Draws / 2
	if d.Ghost > 0 {
		pairs = d.Plan.Draws
	}
	effective := pairs
	if d.Effective < 1 {
		effective = 0
	}
	u := d.Updates
	return []storedArray{
		{updatePrefix + "sgd", &u.SGD, []int{pairs}}, {updatePrefix + "enhanced", &u.NE, []int{pairs}},
		{updatePrefix + "effective", &u.Effective, []int{effective}},
	}
}

func (d *Draws) updateTensors() []safetensors.Tensor {
	if d.Updates == nil {
		return nil
	}
	return tensorsOf(d.updateArrays())
}

// readUpdates leaves Updates nil where the file has none.
func (d *Draws) readUpdates(f *safetensors.File, path string) error {
	if !hasArrays(f, updatePrefix) {
		return nil
	}
	d.Updates = &DrawUpdates{}
	return readArrays(f, path, d.updateArrays())
}
