package probe

import (
	"fmt"
	"slices"
	"strings"

	"github.com/noiseprobe/noiseprobe/internal/safetensors"
)

// updatePrefix begins the names of the arrays of updates.
const updatePrefix = "update."

func (u *DrawUpdates) arrays() []safetensors.Tensor {
	if u == nil {
		return nil
	}
	return []safetensors.Tensor{
		safetensors.F64(updatePrefix+"sgd", []int{len(u.SGD)}, u.SGD),
		safetensors.F64(updatePrefix+"enhanced", []int{len(u.NE)}, u.NE),
		safetensors.F64(updatePrefix+"effective", []int{len(u.Effective)}, u.Effective),
	}
}

// readUpdates leaves Updates nil where the file has none.
func (d *Draws) readUpdates(f *safetensors.File, path string) (err error) {
	if !slices.ContainsFunc(f.Names(), func(name string) bool { return strings.HasPrefix(name, updatePrefix) }) {
		return nil
	}
	d.Updates = &DrawUpdates{}
	passes := d.Plan.Draws
	if d.Ghost > 0 {
		passes *= 2
	}
	for name, dst := range map[string]*[]float64{"sgd": &d.Updates.SGD, "enhanced": &d.Updates.NE, "effective": &d.Updates.Effective} {
		want := passes / 2
		if name == "effective" && d.Effective < 1 {
			want = 0
		}
		if *dst, err = f.Float64s(updatePrefix + name); err != nil {
			return err
		}
		if len(*dst) != want {
			return fmt.Errorf("%s: %s%s has %d values, want %d", path, updatePrefix, name, len(*dst), want)
		}
	}
	return nil
}
