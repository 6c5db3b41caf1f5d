package probe

import (
	"errors"
	"fmt"
	"math"
)

// Optimizer is the state of Adam (Kingma and Ba, arXiv:1412.6980) or AdamW after Step updates. What they do to the weights besides, such as AdamW's
// decay, is not needed. Vectors run over all parameters, layer after layer, as gradients do.
type Optimizer struct {
	Name                                string // "adam" or "adamw"
	Step                                int
	LearningRate, Beta1, Beta2, Epsilon float64
	// M and V are the running means of the gradient and of its square, as the optimizer keeps them: not corrected for their start at 0.
	M, V []float32
	// Gradient is the gradient over the whole training set at these weights; nil where it is not known.
	Gradient []float32
	// Variance is that of the gradients of all training samples (or units), divisor N; nil where it is not known.
	Variance []float32
}

// Metric is D, by which the optimizer multiplies the gradient:
//
//	d_p = 1 / (sqrt(v_p / (1 - beta2^t)) + eps)
func (o *Optimizer) Metric() []float64 {
	d, correction := make([]float64, len(o.V)), 1-math.Pow(o.Beta2, float64(o.Step))
	for p, v := range o.V {
		d[p] = 1 / (math.Sqrt(float64(v)/correction) + o.Epsilon)
	}
	return d
}

// Rate is the factor of the next gradient in the next update, besides the metric:
//
//	c = eta (1 - beta1) / (1 - beta1^(t+1))
func (o *Optimizer) Rate() float64 {
	return o.LearningRate * (1 - o.Beta1) / (1 - math.Pow(o.Beta1, float64(o.Step+1)))
}

// Check refuses what no optimizer reaches, and a metric that is infinite.
func (o *Optimizer) Check() error {
	for _, h := range []struct {
		ok   bool
		what string
	}{
		{o.Step > 0, fmt.Sprintf("step is %d: before the first update an optimizer has no moments; save it after one", o.Step)},
		{o.LearningRate > 0 && finite(o.LearningRate), fmt.Sprintf("learning_rate is %g, want a positive number", o.LearningRate)},
		{o.Beta1 >= 0 && o.Beta1 < 1, fmt.Sprintf("beta1 is %g, want 0 to below 1", o.Beta1)},
		{o.Beta2 >= 0 && o.Beta2 < 1, fmt.Sprintf("beta2 is %g, want 0 to below 1", o.Beta2)},
		{o.Epsilon >= 0 && finite(o.Epsilon), fmt.Sprintf("eps is %g, want 0 or more", o.Epsilon)},
	} {
		if !h.ok {
			return errors.New(h.what)
		}
	}
	for p, g := range o.Gradient {
		if !finite(g) {
			return fmt.Errorf("g of parameter %d is %g: training has diverged, take an earlier state", p, g)
		}
	}
	for p, v := range o.V {
		switch m := o.M[p]; {
		case !(v >= 0 && finite(v)):
			return fmt.Errorf("v of parameter %d is %g, and a mean of squares is finite and not negative: v is exp_avg_sq of PyTorch, m exp_avg", p, v)
		case !finite(m):
			return fmt.Errorf("m of parameter %d is %g: training has diverged, take an earlier state", p, m)
		case v == 0 && o.Epsilon == 0:
			return fmt.Errorf("v of parameter %d is 0 and so is eps, which leaves its update without a scale: an eps above 0 gives it one", p)
		}
	}
	for p, s := range o.Variance {
		if !(s >= 0 && finite(s)) {
			return fmt.Errorf("s of parameter %d is %g, and a variance is finite and not negative", p, s)
		}
	}
	return nil
}
