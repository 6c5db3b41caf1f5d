package train

// ahead holds the samples of a step, which are gathered while the step before it is computed.
type ahead struct {
	*samples
	step  int
	index []int // of B, then of B', and of a third minibatch where there is one
	err   error
	done  chan struct{} // closed when the samples are gathered
}

// samplesOf returns the samples of a step, which are valid until the next call, and begins to gather those of the next step.
func (t *Trainer) samplesOf(step int) (*samples, error) {
	now := t.reading
	if now == nil {
		now = t.read(step, t.newAhead())
	}
	<-now.done
	if now.step != step { // the state was restored
		now = t.read(step, now)
		<-now.done
	}
	next := t.spare
	if next == nil {
		next = t.newAhead()
	}
	t.reading, t.spare = t.read(step+1, next), now
	return now.samples, now.err
}

func (t *Trainer) newAhead() *ahead {
	rows := t.Settings.Batch * len(t.Settings.weights())
	return &ahead{samples: newSamples(rows, t.Model.Inputs), index: make([]int, rows)}
}

// read begins to gather the samples of a step.
func (t *Trainer) read(step int, a *ahead) *ahead {
	a.step, a.done = step, make(chan struct{})
	b := t.Settings.Batch
	t.Order.At(step, a.index[:b], a.index[b:min(2*b, len(a.index))])
	if len(a.index) > 2*b {
		t.Order.Third(step, a.index[2*b:])
	}
	go func() {
		a.err = a.gather(t.Data, a.index, t.Model.Classes)
		close(a.done)
	}()
	return a
}
