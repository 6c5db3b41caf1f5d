package main

import (
	"context"
	"errors"
	"os"
	"os/signal"
	"slices"
	"syscall"
)

// interruptible returns a context for work that ends well when it is cancelled, as the first signal of those that stop a command does;
// the second interrupt or SIGTERM ends the process at once. Work that looks at no context is ended by the first.
func interruptible(endsWell bool) context.Context {
	ctx, cancel := context.WithCancelCause(context.Background())
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, heard()...)
	go func() {
		first := <-signals
		if endsWell {
			hearNoMore()
			cancel(&signalledError{first})
			for again := <-signals; !urgent(again); again = <-signals {
			}
		}
		os.Exit(statusInterrupted)
	}()
	return ctx
}

// heard are the stopSignals, without SIGHUP where it is ignored, as after nohup.
func heard() []os.Signal {
	return slices.DeleteFunc(slices.Clone(stopSignals), func(s os.Signal) bool { return s == syscall.SIGHUP && signal.Ignored(s) })
}

// urgent tells the signals of someone who waits for the end. The others may come several times for one reason: SIGHUP from a shell and
// from its terminal, SIGXCPU every second.
func urgent(s os.Signal) bool { return s == os.Interrupt || s == syscall.SIGTERM }

var errInterrupted = errors.New("interrupted")

// signalledError is errInterrupted with the signal that did it.
type signalledError struct{ signal os.Signal }

func (e *signalledError) Error() string   { return errInterrupted.Error() }
func (e *signalledError) Is(t error) bool { return t == errInterrupted }
