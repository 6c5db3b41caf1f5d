package dataset_test

import (
	"fmt"

	"github.com/noiseprobe/noiseprobe/train/dataset"
)

func ExampleOpen() {
	data, err := dataset.Open("embedded", dataset.Options{Want: "fashion-mnist"})
	if err != nil {
		panic(err)
	}
	labels := make([]int32, 3)
	data.Train.Labels(labels, []int{0, 1, 2})
	pixels := make([]float32, 3*28*28)
	data.Train.Gather(pixels, []int{0, 1, 2})
	fmt.Println(data.Train.N(), data.Test.N(), data.Shape, data.Classes, len(labels))
	// Output: 10000 2000 [1 28 28] 10 3
}
