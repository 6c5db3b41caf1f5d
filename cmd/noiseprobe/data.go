package main

import (
	"flag"
	"fmt"

	"github.com/noiseprobe/noiseprobe/train/dataset"
)

func dataCommand() command {
	return command{
		name: "data", args: "list | verify [SET] | fetch SET",
		summary: "lists, checks and fetches data sets",
		detail: `list says what data there is and where it was found; verify checks files against their checksums (status 3 if one is
damaged); fetch downloads a set into the user's cache, or into -dir, resuming what an earlier fetch left.
`,
		example: "noiseprobe data list",
		define: func(f *flag.FlagSet) func(*session, []string) error {
			dir := f.String("dir", "", "`DIR` to verify or to fetch into (default: where the set is found; the user's cache)")
			mirror := f.String("url", "", "base `URL` of a mirror to fetch from")
			return func(s *session, args []string) error {
				if len(args) == 0 {
					return usageError("data: list, verify or fetch")
				}
				switch verb, sets := args[0], args[1:]; verb {
				case "list":
					return listData(s)
				case "verify":
					return verifyData(s, sets, *dir)
				case "fetch":
					return fetchData(s, sets, *dir, *mirror)
				default:
					return usageError("data %s: list, verify or fetch", verb)
				}
			}
		},
	}
}

func listData(s *session) error {
	for _, set := range dataset.Sets() {
		dir, found, searched := dataset.Locate(set.Name)
		if !found {
			dir = fmt.Sprintf("not found; looked in %v", searched)
		}
		fmt.Fprintf(s.stdout, "%-14s %d + %d images, %d classes: %s\n", set.Name, set.Train, set.Test, set.Classes, dir)
	}
	fmt.Fprintf(s.stdout, "%-14s a subset of fashion-mnist in the program: 10000 + 2000 images\n", "embedded")
	fmt.Fprintf(s.stdout, "%-14s generated images of any set's shape: 10000 + 2000\n", "synthetic")
	return nil
}

func isSet(name string) bool {
	for _, set := range dataset.Sets() {
		if set.Name == name {
			return true
		}
	}
	return false
}

// verifyData checks the named sets, or all that are found.
func verifyData(s *session, sets []string, dir string) error {
	if len(sets) == 0 {
		for _, set := range dataset.Sets() {
			if _, found, _ := dataset.Locate(set.Name); found {
				sets = append(sets, set.Name)
			}
		}
	}
	failed := false
	for _, set := range sets {
		if !isSet(set) {
			return usageError("data verify: unknown set %q", set)
		}
		ok, err := verifySet(s, set, dir)
		if err != nil {
			return err
		}
		failed = failed || !ok
	}
	if failed {
		return errChecks
	}
	return nil
}

func verifySet(s *session, set, dir string) (ok bool, err error) {
	if dir == "" {
		found := false
		var searched []string
		if dir, found, searched = dataset.Locate(set); !found {
			return false, fmt.Errorf("%s: not found in %v", set, searched)
		}
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
			reason = ": " + f.Reason
		}
		fmt.Fprintf(s.stdout, "%-8s %s%s\n", f.State, f.Path, reason)
	}
	return ok, nil
}

func fetchData(s *session, sets []string, dir, mirror string) error {
	if len(sets) != 1 || !isSet(sets[0]) {
		return usageError("data fetch: one of fashion-mnist, cifar-10, cifar-100")
	}
	progress := newProgress(s)
	err := dataset.Fetch(s.ctx, sets[0], dataset.FetchOptions{
		Dir: dir, BaseURL: mirror,
		Progress: func(file string, done, total int64) { progress.show("fetching "+file, int(done), int(total)) },
	})
	progress.clear()
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
