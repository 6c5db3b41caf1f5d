package branch

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"

	"github.com/noiseprobe/noiseprobe/analysis/covariance"
	"github.com/noiseprobe/noiseprobe/analysis/criticalbatch"
	"github.com/noiseprobe/noiseprobe/analysis/estimate"
	"github.com/noiseprobe/noiseprobe/analysis/noisescale"
	"github.com/noiseprobe/noiseprobe/analysis/report"
)

// Names of proxies.
const (
	NoiseScale          = "noise_scale"           // tr Sigma / |gbar|^2
	OptimizerNoiseScale = "optimizer_noise_scale" // the same in the optimizer's metric
	CurvatureNoiseScale = "curvature_noise_scale" // tr(F Sigma) / gbar' F gbar
	LogNoiseScale       = "log_noise_scale"       // the noise scale of norms.csv around the checkpoint
)

// proxies are read from the run's report and from its log of norms.
func (p *Plan) proxies() ([]criticalbatch.Proxy, error) {
	d := p.from.Directory()
	rep, err := report.Read(d.ReportPath())
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	var c *report.Checkpoint
	if err == nil {
		if i := slices.IndexFunc(rep.Checkpoints, func(c report.Checkpoint) bool { return c.Step == p.Checkpoint.Step }); i >= 0 {
			c = &rep.Checkpoints[i]
		}
	}
	logged, err := p.logged()
	if err != nil {
		return nil, err
	}
	return append(reported(c), logged), nil
}

func missing(name, reason string) criticalbatch.Proxy {
	return criticalbatch.Proxy{Name: name, Value: estimate.Undefined(), CI: estimate.None(), Reason: reason}
}

// reasons joins those that there are.
func reasons(all ...string) string {
	return strings.Join(slices.DeleteFunc(all, func(reason string) bool { return reason == "" }), "; ")
}

// reported are the proxies of a checkpoint, nil where no report has it.
func reported(c *report.Checkpoint) []criticalbatch.Proxy {
	if c == nil {
		const reason = "the run has no report of this checkpoint"
		return []criticalbatch.Proxy{missing(NoiseScale, reason), missing(OptimizerNoiseScale, reason), missing(CurvatureNoiseScale, reason)}
	}
	all := []criticalbatch.Proxy{missing(NoiseScale, "no gradients were recorded"), missing(OptimizerNoiseScale, c.OptimizerUndefined), missing(CurvatureNoiseScale, "no curvature was recorded")}
	if s := c.NoiseSize; s != nil {
		all[0] = criticalbatch.Proxy{Name: NoiseScale, Value: s.NoiseScale, CI: s.NoiseScaleCI, Reason: reasons(s.Undefined, s.Withheld)}
		if all[0].Exact = s.Exact(); all[0].Exact {
			all[0].Reason = "from all samples: there is no sampling error"
		}
	}
	if o := c.Optimizer; o != nil {
		all[1] = criticalbatch.Proxy{Name: OptimizerNoiseScale, Value: o.NoiseScale, CI: estimate.In(o.CI, covariance.KeyNoiseScale), Reason: reasons(o.Undefined, o.Withheld)}
	}
	if f := c.Curvature; f != nil {
		all[2] = criticalbatch.Proxy{Name: CurvatureNoiseScale, Value: f.NoiseScale, CI: estimate.In(f.CI, covariance.KeyNoiseScale), Reason: reasons(f.Withheld, f.Reasons[covariance.KeyNoiseScale])}
	}
	return all
}

// logged is the noise scale of the log of norms, in the window that has the checkpoint.
func (p *Plan) logged() (criticalbatch.Proxy, error) {
	if !p.from.Config().Norms {
		return missing(LogNoiseScale, "the run has no norms.csv (run -norms)"), nil
	}
	path := p.from.Directory().NormsPath()
	f, err := os.Open(path)
	if err != nil {
		return criticalbatch.Proxy{}, err
	}
	defer f.Close()
	log, err := noisescale.Read(f, path, nil, 1)
	if err != nil {
		return criticalbatch.Proxy{}, err
	}
	if log.Population, err = p.from.Directory().Population(); err != nil {
		return criticalbatch.Proxy{}, err
	}
	r, err := log.Analyse(0)
	if err != nil {
		return missing(LogNoiseScale, err.Error()), nil
	}
	w := r.Windows[0]
	for _, next := range r.Windows[1:] {
		if next.First <= p.Checkpoint.Step {
			w = next
		}
	}
	return criticalbatch.Proxy{
		Name: LogNoiseScale, Value: w.NoiseScale, CI: w.CI.NoiseScale, Reason: fmt.Sprintf("steps %d to %d of norms.csv", w.First, w.Last),
	}, nil
}
