package train_test

import (
	"fmt"

	"github.com/noiseprobe/noiseprobe/noise"
	"github.com/noiseprobe/noiseprobe/train"
	"github.com/noiseprobe/noiseprobe/train/dataset"
)

func ExampleTrainer() {
	data, err := dataset.Open("synthetic", dataset.Options{Want: "fashion-mnist", Seed: 1})
	if err != nil {
		panic(err)
	}
	spec, err := train.ParseSpec("[32]")
	if err != nil {
		panic(err)
	}
	model, err := train.NewModel(spec, data.Shape[:], data.Classes, 1)
	if err != nil {
		panic(err)
	}
	trainer, err := train.NewTrainer(model, data.Train, train.Settings{
		Alpha: 1.5, Batch: 50, Pairing: noise.Independent, Optimizer: train.OptimizerSettings{Name: "adam", Epsilon: 1e-8}, LearningRate: 0.001, Seed: 1,
	})
	if err != nil {
		panic(err)
	}
	before, _, _ := model.Evaluate(data.Train, 1000)
	for range 50 {
		if err := trainer.Step(); err != nil {
			panic(err)
		}
	}
	after, _, _ := model.Evaluate(data.Train, 1000)
	fmt.Println(model.Parameters(), "parameters; the loss has fallen:", after < before)
	// Output: 25450 parameters; the loss has fallen: true
}
