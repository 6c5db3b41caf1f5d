package main

import (
	"errors"

	"github.com/noiseprobe/noiseprobe/experiment"
)

func exportCommand() command {
	return command{
		name: "export", args: "DIR", one: "run directory",
		summary: "writes the gradients of a checkpoint in full, as .npy or .safetensors",
		detail: `Writes in full, row after row, the gradients that a run directory holds as factors, after checking their checksum. A .npy file
[n, P] has the layers side by side; a .safetensors file has a tensor [n, P] for every layer. Within a layer the weight comes first,
flattened from [out, in], and then the bias. The file has n x P numbers, whatever the size of the checkpoint: for f1 and 512 units
3.9 GB of float32.
`,
		example: `noiseprobe export runs/f1-alpha1.5-batch500-seed1 -layer output -o gradients.npy
noiseprobe export runs/f1-alpha1.5-batch500-seed1 -layer output -step 0 -dtype float64 -o gradients.safetensors`,
		endsWell: true,
		define: func(f *flags) func(*session, []string) error {
			e := experiment.DefaultExportSettings()
			f.IntVar(&e.Step, "step", e.Step, "`K` checkpoint after K updates; -1 is the last one")
			f.StringVar(&e.Layer, "layer", "", "`NAME` layer to write, such as dense1 (default all)")
			f.StringVar(&e.Out, "o", "", "`FILE` .npy or .safetensors file to write (default a .npy file here, named after run, step and layer)")
			f.choice(&e.DType, "dtype", "`TYPE` number type", "float32", "float64")
			f.BoolVar(&e.Force, "force", false, "replace a file that exists")
			return func(s *session, files []string) error { return export(s, files[0], e) }
		},
	}
}

func export(s *session, dir string, e experiment.ExportSettings) error {
	progress := newProgress(s)
	out, err := experiment.Export(s.ctx, dir, e, progress.observer())
	progress.clear()
	var exists *experiment.ExistsError
	if errors.As(err, &exists) {
		return &hintError{err, "-force replaces it, -o FILE writes elsewhere"}
	}
	if err != nil {
		return err
	}
	s.say("wrote %s", out)
	return nil
}
