package main

import (
	"flag"

	"github.com/noiseprobe/noiseprobe/experiment"
)

type probeOptions struct {
	experiment.NetworkSettings
	gradient gradientOptions
}

func probeCommand() command {
	return command{
		name: "probe", none: "files only by its flags",
		summary: "analyses the gradients, by sample or by ghost batch, of a network that was trained elsewhere",
		detail: `Passes samples through a network, and prints about their gradients what analyze prints. The weights are the tensors
dense1.weight [out, in], dense1.bias, ..., output.weight, output.bias of a .safetensors file, in float16, bfloat16, float32 or
float64. A layer is y = W x + b, with a ReLU between layers; the loss is softmax cross-entropy. A checkpoint's weights.safetensors is
such a file. Networks with convolutions also have conv1.weight [out, in, kh, kw], bn1.weight, bn1.bias, ...; with -unit sample, the
file -running has bn1.running_mean, bn1.running_var, .... Their images are [n, channels, height, width]. A prefix such as module. may
stand before all names. Dense layers may have any names, and weights [in, out], where they fit together in one order only, or
their numbers tell the order; a line says how they were read.

The samples are -inputs, floating-point numbers [n, ...], with -labels, whole numbers from 0 to classes-1 [n] or one-hot [n, classes]. Otherwise they are -units
units from the training set of -data: those that noiseprobe run picks with the same seed.
`,
		example: `noiseprobe probe -weights runs/f1-alpha1.5-batch500-seed1/checkpoints/000000/weights.safetensors -gram gram.npy
noiseprobe probe -model f1 -weights runs/f1-alpha1.5-batch500-seed1/checkpoints/000000/weights.safetensors -alpha 1.5 -out probed`,
		define: func(f *flags) func(*session, []string) error {
			o := &probeOptions{NetworkSettings: experiment.DefaultNetworkSettings(), gradient: newGradientOptions()}
			o.define(f)
			return func(s *session, _ []string) error { return o.run(s) }
		},
	}
}

func (o *probeOptions) define(f *flags) {
	f.group("The network")
	f.model(&o.Model, " (default: the dense layers in -weights)")
	f.ghost(&o.Ghost)
	f.StringVar(&o.Weights, "weights", "", "`FILE` .safetensors file with the parameters")
	f.StringVar(&o.Running, "running", "", "`FILE` .safetensors file with running statistics, for networks with batch normalisation")
	f.group("The samples")
	f.StringVar(&o.Inputs, "inputs", "", "`FILE` .npy file with samples")
	f.StringVar(&o.Labels, "labels", "", "`FILE` .npy file with the labels of the samples")
	f.IntVar(&o.Population, "population", 0, "`N` number of samples that -inputs were taken from, for finite-population corrections")
	f.data(&o.Data, "`DATA` data set if there are no -inputs: auto, synthetic, embedded, fashion-mnist, cifar-10, cifar-100, or a directory (default auto)")
	f.IntVar(&o.Units, "units", 0, "`n` number of units from -data (default 512, with convolutions 64)")
	f.group("The analysis")
	f.unit(&o.Unit)
	f.curvature(&o.Curvature, "")
	f.StringVar(&o.OptimizerState, "optimizer-state", "", "`FILE` .safetensors file with the moments of the adam or adamw that trained the weights: the noise in their metric and of the updates")
	o.gradient.define(f)
	f.Lookup("seed").Usage = "`SEED` seed of the choice of units, of resampling and of random directions"
	f.group("The machine")
	f.machine(&o.Memory, &o.BLAS, &o.Workers)
	f.group("Output")
	f.StringVar(&o.Gram, "gram", "", "`FILE` .npy file to write: g_i.g_j over all parameters, not centred, float64 [n, n]")
	f.StringVar(&o.Norms, "norms", "", "`FILE` .npy file to write: |g_i|, float64 [n]")
	o.gradient.output(f)
}

func (o *probeOptions) run(s *session) error {
	if err := o.check(); err != nil {
		return err
	}
	o.GradientSettings = o.gradient.GradientSettings
	progress := newProgress(s)
	rep, _, err := experiment.ProbeNetwork(o.NetworkSettings, progress.observer())
	progress.clear()
	if err != nil {
		return refused(err)
	}
	if err := o.gradient.print(s, rep); err != nil {
		return err
	}
	for _, path := range []string{o.Gram, o.Norms} {
		if path != "" {
			s.say("wrote %s", path)
		}
	}
	return nil
}

// check refuses what would be taken for a flag that was not given.
func (o *probeOptions) check() error {
	err := o.gradient.check()
	o.gradient.flags.Visit(func(f *flag.Flag) {
		switch {
		case f.Name == "units" && o.Units < 2:
			err = usageError("-units %d: a covariance needs at least 2", o.Units)
		case f.Name == "population" && o.Population < 2:
			err = usageError("-population %d: must be at least 2", o.Population)
		case f.Value.String() == "" && f.DefValue == "":
			err = usageError("-%s: needs a value", f.Name)
		}
	})
	return err
}
