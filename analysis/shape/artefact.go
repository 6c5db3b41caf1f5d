package shape

import (
	"fmt"

	"github.com/noiseprobe/noiseprobe/analysis/covariance"
	"github.com/noiseprobe/noiseprobe/analysis/tail"
	"github.com/noiseprobe/noiseprobe/internal/seed"
	"github.com/noiseprobe/noiseprobe/probe"
)

// ScaleArtefact looks at the single coordinates that were recorded, the units in random order: blocks of units have to be alike,
// and the order of a data set may have a meaning. Where few units carry the noise there are no intervals and no verdict, as everywhere. It is nil
// where there are no coordinates.
func ScaleArtefact(u *probe.Units, root uint64) *tail.Artefact {
	if u.Coordinates == nil {
		return nil
	}
	p := len(u.Coordinates.Index)
	values := make([]float64, 0, u.N*p)
	for _, i := range seed.New(root, "order of the units").Perm(u.N) {
		values = append(values, u.Coordinates.Values[i*p:(i+1)*p]...)
	}
	a := tail.ScaleArtefact(tail.Matrix{Draws: u.N, Coordinates: p, Data: values}, root)
	a.Axis = AxisUnits
	if u.Population > 0 && a.DrawsNeeded > u.Population {
		a.Reason, a.DrawsNeeded = fmt.Sprintf("it takes %d gradients, and there are only %d", a.DrawsNeeded, u.Population), 0
	}
	if why := covariance.Withheld(u); why.Why != "" {
		a.Withhold(why.String())
	}
	return &a
}
