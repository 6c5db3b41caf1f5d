package main

import (
	"context"
	"errors"
	"fmt"
	"os/signal"
	"strconv"

	"github.com/noiseprobe/noiseprobe/experiment"
	"github.com/noiseprobe/noiseprobe/experiment/sweep"
)

// task carries out one run of a sweep, as a task of an array job: the command run, in this process, which is the one that Slurm
// signals.
func (o *sweepOptions) task(s *session, args []string) error {
	if len(args) != 2 || o.flags.beside() != "" {
		return usageError("sweep task: takes a directory and the number of a run in its sweep.json, and no flags")
	}
	index, err := strconv.Atoi(args[1])
	if err != nil {
		return usageError("sweep task %s: %s is not the number of a run", args[0], args[1])
	}
	// A process that saves its state must not hear of the end again: what does not wait for it kills.
	defer context.AfterFunc(s.ctx, func() { signal.Ignore(stopSignals...) })()
	t, err := sweep.BeginTask(s.ctx, args[0], index, settings{})
	if t == nil {
		return err
	}
	err = runTask(s, t)
	var by *signalledError
	switch {
	case !errors.As(err, &by):
		return t.End(err)
	case timeIsUp(by.signal):
		if err := t.Requeue(); err != nil {
			return err
		}
	}
	return by
}

// runTask is the command run with the arguments of a task.
func runTask(s *session, t *sweep.Task) error {
	ctx, cancel := context.WithCancelCause(context.Background())
	defer context.AfterFunc(s.ctx, func() { cancel(fmt.Errorf("%w: %w", context.Cause(s.ctx), experiment.ErrNoReport)) })()
	flags := newFlags("run")
	run := runCommand().define(flags)
	if err := flags.Parse(t.Arguments[1:]); err != nil {
		return err
	}
	inner := &session{ctx: ctx, stdout: t.Log, stderr: t.Log, width: pipeWidth}
	err := run(inner, flags.Args())
	inner.report(err)
	return err
}
