package experiment

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/noiseprobe/noiseprobe/probe"
)

// recording is what files hold of one checkpoint.
type recording struct {
	// step is nil where no file says it.
	step *int
	// paths are files of gradients, drawn is one of direct draws; either may be missing.
	paths []string
	drawn string
	draws *probe.Draws
}

// recordings sorts files by the step that they say they are of, or the given one. Files that say none are of the same checkpoint as all
// others.
func recordings(paths []string, step *int, o Observer) ([]recording, error) {
	var all []recording
	for _, path := range paths {
		about, err := probe.Describe(path)
		if err != nil {
			return nil, err
		}
		if step != nil {
			about.Step = step
		}
		if all, err = file(all, path, about); err != nil {
			return nil, err
		}
	}
	all, err := joined(all)
	if err != nil {
		return nil, err
	}
	byStep := func(a, b recording) int { return cmp.Compare(*a.step, *b.step) }
	if len(all) > 1 && !slices.IsSortedFunc(all, byStep) {
		slices.SortFunc(all, byStep)
		o.notice("the files are taken in the order of their steps: %s", strings.Join(namesOf(all), ", "))
	}
	return all, nil
}

// file puts a file to the others of its step.
func file(all []recording, path string, about probe.Description) ([]recording, error) {
	at := slices.IndexFunc(all, func(r recording) bool {
		return r.step == nil && about.Step == nil || r.step != nil && about.Step != nil && *r.step == *about.Step
	})
	if at < 0 {
		at, all = len(all), append(all, recording{step: about.Step})
	}
	r := &all[at]
	switch {
	case !about.Draws:
		r.paths = append(r.paths, path)
	case r.drawn != "":
		return nil, fmt.Errorf("%s: there are draws at this step in %s already", path, r.drawn)
	default:
		r.drawn = path
	}
	return all, nil
}

// joined adds files without a step to those of the only step. With several they could be of any.
func joined(all []recording) ([]recording, error) {
	at := slices.IndexFunc(all, func(r recording) bool { return r.step == nil })
	if at < 0 || len(all) == 1 {
		return all, nil
	}
	loose := all[at]
	all = slices.Delete(all, at, at+1)
	name := append(loose.paths, loose.drawn)[0]
	if len(all) > 1 || all[0].drawn != "" && loose.drawn != "" {
		return nil, fmt.Errorf("%s: does not say of which step it is, of %s: the metadata step does", name, strings.Join(namesOf(all), ", "))
	}
	all[0].paths, all[0].drawn = append(all[0].paths, loose.paths...), all[0].drawn+loose.drawn
	return all, nil
}

func namesOf(all []recording) (names []string) {
	for _, r := range all {
		names = append(names, fmt.Sprint(*r.step))
	}
	return names
}
