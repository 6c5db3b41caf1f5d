package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/noiseprobe/noiseprobe/experiment"
	"github.com/noiseprobe/noiseprobe/train/dataset"
)

func dataCommand() command {
	return command{
		name: "data", args: "list | verify [SET] | fetch SET", operands: [][]string{{"list", "verify", "fetch"}, dataset.Names()},
		summary: "lists, checks and fetches data sets",
		detail: `list prints which data sets there are and where they were found. verify checks files against their checksums; the status is 3 if one
is damaged. fetch downloads a set into the cache of the user, or into -dir, and continues what an earlier fetch left.
`,
		example: `noiseprobe data list
noiseprobe data fetch fashion-mnist
noiseprobe data verify fashion-mnist`,
		endsWell: true,
		define: func(f *flags) func(*session, []string) error {
			dir := f.String("dir", "", "`DIR` directory to verify, or to fetch into (default: where the set was found, or the cache of the user)")
			mirror := f.String("url", "", "`URL` base URL of a mirror to fetch from")
			return func(s *session, args []string) error {
				if len(args) == 0 {
					return usageError("data: needs one of list, verify and fetch")
				}
				switch verb, sets := args[0], args[1:]; verb {
				case "list":
					return listData(s, sets)
				case "verify":
					return verifyData(s, sets, *dir)
				case "fetch":
					return fetchData(s, sets, *dir, *mirror)
				default:
					return usageError("data %s: there is list, verify and fetch", verb)
				}
			}
		},
	}
}

func listData(s *session, args []string) error {
	if len(args) > 0 {
		return usageError("data list: takes no arguments, got %q", args[0])
	}
	entry := func(name, text string) { s.page().fold(fmt.Sprintf("%-14s ", name), strings.Repeat(" ", 15), text) }
	if err := dataset.CheckEnv(); err != nil {
		return err
	}
	for _, set := range dataset.Sets() {
		dir, found, searched := dataset.Locate(set.Name)
		if !found {
			dir = "not found in " + strings.Join(searched, ", ")
		}
		entry(set.Name, fmt.Sprintf("%d + %d images, %d classes: %s", set.Train, set.Test, set.Classes, dir))
	}
	entry(dataset.Embedded, "a subset of fashion-mnist in the program: 10000 + 2000 images")
	entry(dataset.Synthetic, "generated images of any set's shape: 10000 + 2000")
	return nil
}

const takesSets = "takes fashion-mnist, cifar-10 or cifar-100"

func isSet(name string) bool { return slices.Contains(dataset.Names(), name) }

// verifyData checks the named sets, or all that are found.
func verifyData(s *session, sets []string, dir string) error {
	if err := dataset.CheckEnv(); err != nil && dir == "" {
		return err
	}
	if len(sets) == 0 {
		for _, set := range dataset.Sets() {
			if _, found, _ := dataset.Locate(set.Name); found {
				sets = append(sets, set.Name)
			}
		}
	}
	if len(sets) == 0 {
		return fmt.Errorf("data verify: no data set found; noiseprobe data list says where they are looked for")
	}
	for _, set := range sets {
		if !isSet(set) {
			return usageError("data verify %s: %s", set, takesSets)
		}
	}
	var failed []string
	for _, set := range sets {
		if s.ctx.Err() != nil {
			return errInterrupted
		}
		ok, err := verifySet(s, set, dir)
		if err != nil {
			return err
		}
		if !ok {
			failed = append(failed, set)
		}
	}
	if failed != nil {
		return fmt.Errorf("%s: %w", strings.Join(failed, ", "), errChecks)
	}
	return nil
}

func verifySet(s *session, set, dir string) (ok bool, err error) {
	if dir == "" {
		located, found, searched := dataset.Locate(set)
		if !found {
			return false, fmt.Errorf("%s: not found in %s", set, strings.Join(searched, ", "))
		}
		dir = located
	}
	files, err := dataset.Verify(set, dir)
	if err != nil {
		return false, err
	}
	ok = true
	for _, f := range files {
		ok = ok && f.State == dataset.StateOK
		reason := ""
		if f.Reason != "" {
			reason = ": " + strings.TrimPrefix(f.Reason, f.Path+": ")
		}
		fmt.Fprintf(s.stdout, "%-8s %s%s\n", f.State, f.Path, reason)
	}
	return ok, nil
}

func fetchData(s *session, sets []string, dir, mirror string) error {
	if len(sets) != 1 || !isSet(sets[0]) {
		return usageError("data fetch %s: %s", strings.Join(sets, " "), takesSets)
	}
	release, err := experiment.LockAround(experiment.Observer{}, dir)
	if err != nil {
		return err
	}
	defer release()
	progress := newProgress(s)
	err = dataset.Fetch(s.ctx, sets[0], dataset.FetchOptions{
		Dir: dir, BaseURL: mirror,
		Waiting: func() { s.say("another process is fetching into the same directory: waiting until it is done") },
		Progress: func(file string, done, total int64) {
			progress.show("fetching "+file+", KiB", int(done>>10), int(total>>10))
		},
	})
	progress.clear()
	if s.ctx.Err() != nil {
		return &hintError{fmt.Errorf("data fetch %s: %w", sets[0], errInterrupted), "the same command again fetches the rest"}
	}
	if err != nil {
		return err
	}
	if dir == "" {
		if dir, err = dataset.CacheDir(sets[0]); err != nil {
			return err
		}
	}
	s.say("%s is in %s", sets[0], dir)
	return nil
}
