package experiment

import "fmt"

// Observer is told how a run goes; any of the functions may be nil.
type Observer struct {
	// Notice is a line that the user should see, Detail one for a user who asked to be told more.
	Notice, Detail func(line string)
	// Progress is called often: what is being done, how much of it, and of how much in all.
	Progress func(phase string, done, total int)
	// Loss is called with the loss of every minibatch.
	Loss func(loss float64)
}

func (o Observer) notice(format string, args ...any) {
	if o.Notice != nil {
		o.Notice(fmt.Sprintf(format, args...))
	}
}

func (o Observer) detail(format string, args ...any) {
	if o.Detail != nil {
		o.Detail(fmt.Sprintf(format, args...))
	}
}

func (o Observer) progress(phase string, done, total int) {
	if o.Progress != nil {
		o.Progress(phase, done, total)
	}
}
