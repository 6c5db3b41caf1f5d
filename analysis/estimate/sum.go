package estimate

// Sum adds x in its order, so that it has the same bits on every machine.
func Sum(x []float64) float64 {
	sum := 0.0
	for _, v := range x {
		sum += v
	}
	return sum
}

// Mean is the mean of x by [Sum], NaN for no values.
func Mean(x []float64) float64 { return Sum(x) / float64(len(x)) }
