package probe

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/noiseprobe/noiseprobe/internal/atomicfile"
	"github.com/noiseprobe/noiseprobe/internal/filekind"
)

// checkKind refuses files whose names say that they are of a kind that is not read, with what would be.
func checkKind(path string) error {
	switch extension(path) {
	case ".npy", ".npz", ".safetensors":
		return nil
	case ".json":
		if shards := shardsIn(path); len(shards) > 0 {
			return fmt.Errorf("%s: is an index of shards: give the shards themselves: %s", path, strings.Join(shards, " "))
		}
	case ".pt", ".pth", ".bin", ".ckpt", ".pkl", ".pickle":
		return fmt.Errorf("%s: files of torch.save and pickle are never unpickled: write the gradients with noiseprobe.record of pytorch/noiseprobe.py, "+
			"or as .npy, .npz or .safetensors", path)
	}
	file, _, err := filekind.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	return fmt.Errorf("%s: %s", path, filekind.At(file).Instead("the name must end in .npy, .npz or .safetensors"))
}

// shardsIn are the files that an index of shards names, at most 8.
func shardsIn(path string) []string {
	const most, largest = 8, 64 << 20
	text, err := atomicfile.Read(path, largest)
	if err != nil {
		return nil
	}
	var index struct {
		Shards map[string]string `json:"weight_map"`
	}
	if json.Unmarshal(text, &index) != nil {
		return nil
	}
	names := slices.Compact(slices.Sorted(maps.Values(index.Shards)))
	if len(names) > most {
		names = append(names[:most], "...")
	}
	return names
}
