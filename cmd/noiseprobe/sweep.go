package main

import (
	"errors"
	"flag"
	"fmt"
	"strings"

	"github.com/noiseprobe/noiseprobe/experiment"
	"github.com/noiseprobe/noiseprobe/experiment/sweep"
	"github.com/noiseprobe/noiseprobe/internal/shell"
)

type sweepOptions struct {
	executorOptions
	grid  map[string]string // what was given for the flags of run, as text
	out   string
	seeds int
	json  bool
}

func sweepCommand() command {
	return command{
		name: "sweep", args: "[status DIR]", operands: [][]string{{"status"}},
		summary: "carries out runs over a grid of flags and seeds in one directory, and collects their results",
		detail: `Takes the flags of run. Each may have several values: a list, such as 1,1.5,2, and for a number also a range lo:hi:step, such as
100:1000:100, which must end exactly at hi. A list may contain ranges. Values of -model, -checkpoints, -evaluate, -data and -from may
contain commas, so their lists are separated by semicolons: -model 'f1;[64],[32]' is two networks. -seeds K runs K seeds, starting with
that of -seed.

DIR gets a run directory for each combination of values and seed, named after the values that vary, with a log beside it; sweep.json
lists the runs. The same command again carries out what is missing, was interrupted or failed. Other values extend the sweep: a flag
that is not given then has all the values that it has in DIR. To add a value to a flag that has had only one, give both in a list.
All runs are checked before the first one starts.

Each run is a process. -jobs of them run at once and share the processors; the results do not depend on their number. The default is
two, which on two processors took 0.87 to 0.92 of the time of one after the other, with twice the memory.

With -executor slurm the remaining runs become one array job, and the command ends: nothing keeps running on this machine. DIR then
also has the batch script slurm.sh, the numbers of the jobs, and what Slurm says of them. The compute nodes must see DIR, with file
locks, and this program. A task that is preempted or requeued saves its state at once; one whose time is nearly up does so too and
queues itself again. Both continue from that state. The same command again submits what is neither done nor queued. Options of Slurm
are not kept for the next command.

At the end a table shows means and standard deviations over seeds, of the runs that did not diverge. "sweep status DIR" prints how
many runs are done, also while the sweep is running, and what Slurm says of them. Status 1 means that some runs failed; divergence is
a result and not a failure.
`,
		example: `noiseprobe sweep -model '[64],[32]' -alpha 1,2 -batch 100:300:200 -seeds 2 -out grid
noiseprobe sweep -alpha 3 -out grid
noiseprobe sweep status grid
noiseprobe sweep -executor slurm -partition long -time 2:00:00 -jobs 20 -workers 2 -sbatch --account=physics -out grid`,
		endsWell: true,
		plain:    func(args []string) bool { return len(args) > 0 && args[0] == "task" },
		define: func(f *flags) func(*session, []string) error {
			o := &sweepOptions{grid: map[string]string{}}
			o.define(f)
			return func(s *session, args []string) error {
				switch {
				case len(args) == 0:
					return o.run(s)
				case args[0] == "task":
					return o.task(s, args[1:])
				case args[0] != "status":
					return usageError("sweep %s: the only argument that it takes is status DIR", args[0])
				case len(args) != 2:
					return usageError("sweep status: takes one directory, got %d", len(args)-1)
				}
				return o.status(s, args[1])
			}
		},
	}
}

func (o *sweepOptions) define(f *flags) {
	run := runFlags()
	for _, title := range run.titles {
		f.group(title)
		for _, r := range run.under(title) {
			if isSetting(r.Name) {
				f.Var(&gridValue{o.grid, r}, r.Name, r.Usage)
				f.values[r.Name] = run.values[r.Name]
			}
		}
	}
	o.executorOptions.define(f)
	f.group("The sweep")
	f.IntVar(&o.seeds, "seeds", 0, "`K` number of seeds (default 1, or those that DIR has)")
	f.StringVar(&o.out, "out", "", "`DIR` sweep directory to create or to continue (default sweeps/<model, flags that vary>)")
	f.BoolVar(&o.json, "json", false, "print points and runs as JSON instead of a table")
}

// gridValue keeps the text of a flag of run.
type gridValue struct {
	given map[string]string
	flag  *flag.Flag
}

func (v *gridValue) String() string {
	if v.flag == nil {
		return ""
	}
	if text, ok := v.given[v.flag.Name]; ok {
		return text
	}
	return v.flag.DefValue
}

func (v *gridValue) Set(text string) error {
	if _, twice := v.given[v.flag.Name]; twice {
		return errors.New("is given twice")
	}
	v.given[v.flag.Name] = text
	return nil
}

func (v *gridValue) IsBoolFlag() bool { return isBool(v.flag) }

// runFlags are the flags of run at their defaults.
func runFlags() *flags {
	f, _ := flagsOf(experiment.DefaultConfig())
	return f
}

func flagsOf(c experiment.Config) (*flags, *runOptions) {
	f, o := newFlags("run"), &runOptions{Config: c}
	o.define(f)
	return f, o
}

// isSetting tells the flags of run that are settings from those that say what becomes of a run.
func isSetting(name string) bool {
	switch name {
	case "out", "force", "resume", "v", "json", "workers":
		return false
	}
	return true
}

// settings are the flags of run, to the package that makes runs of them.
type settings struct{}

func (settings) Names() []string {
	var names []string
	runFlags().VisitAll(func(f *flag.Flag) {
		if isSetting(f.Name) {
			names = append(names, f.Name)
		}
	})
	return names
}

func (settings) Number(name string) bool {
	if getter, ok := runFlags().Lookup(name).Value.(flag.Getter); ok {
		switch getter.Get().(type) {
		case int, uint64, float64:
			return true
		}
	}
	return false
}

func (settings) Config(values map[string]string) (experiment.Config, error) {
	f, o := flagsOf(experiment.DefaultConfig())
	for name, text := range values {
		if err := f.Set(name, text); err != nil {
			return o.Config, fmt.Errorf("%q: %w", text, err)
		}
	}
	o.fillIn()
	return o.Config, o.checkGiven()
}

func (settings) Text(c experiment.Config, name string) string {
	f, _ := flagsOf(c)
	if found := f.Lookup(name); found != nil {
		return found.Value.String()
	}
	return ""
}

func (o *sweepOptions) run(s *session) error {
	grid, err := o.parse()
	if err != nil {
		return err
	}
	settings := sweep.Settings{Dir: o.out, Flags: settings{}, Given: grid}
	if err := o.apply(&settings); err != nil {
		return err
	}
	progress := newProgress(s)
	summary, err := sweep.Run(s.ctx, settings, progress.sweep())
	progress.clear()
	return o.conclude(s, summary, err)
}

// parse reads the grid and finds the directory.
func (o *sweepOptions) parse() (sweep.Grid, error) {
	if o.flags.given("out") && o.out == "" {
		return nil, usageError("-out: needs the name of a directory")
	}
	grid, err := sweep.ParseGrid(settings{}, o.grid)
	if err != nil {
		return nil, err
	}
	if o.out == "" {
		o.out = "sweeps/" + grid.Name()
	}
	if o.flags.given("seeds") {
		return grid.Seeds(o.seeds)
	}
	return grid, nil
}

// conclude prints the table, also of a sweep with runs that failed.
func (o *sweepOptions) conclude(s *session, summary *sweep.Summary, err error) error {
	if errors.Is(err, errInterrupted) {
		return &hintError{err, "noiseprobe sweep -out " + shell.Quote(o.out) + " continues the sweep"}
	}
	if summary == nil {
		return withSlurmHint(err)
	}
	text := printPoints
	if summary.Queued() > 0 {
		text = printStatus
	}
	if printed := show(s, o.json, summary, text); printed != nil {
		return printed
	}
	for _, r := range summary.Runs {
		if r.State == sweep.Failed || r.State == sweep.Diverged {
			s.say("%s", strings.TrimSuffix(r.Name+" "+r.State+": "+r.Failure, ": "))
		}
	}
	s.say("wrote %s", o.out)
	sayQueued(s, summary)
	if err != nil {
		return &hintError{err, "noiseprobe sweep -out " + shell.Quote(o.out) + " tries them again"}
	}
	return nil
}

func (o *sweepOptions) status(s *session, dir string) error {
	if name := o.flags.beside("json", "config"); name != "" {
		return usageError("sweep status: takes no -%s", name)
	}
	summary, err := sweep.Status(s.ctx, dir, settings{})
	if err != nil {
		return err
	}
	return show(s, o.json, summary, printStatus)
}
