// Package sweep carries out runs over a grid of settings and gathers what they found.
//
// It is opinionated about robustness. All runs are checked before the first starts, and until then nothing is written; each is a process of
// its own, or a task of an array job of Slurm, so that one that crashes takes nothing with it; what was interrupted, killed or failed is done
// when the sweep is asked for again. Whether a run is done is told by its report alone. Start with [ParseGrid] and [Run]; [Status] says how a
// sweep stands, also while another process carries it out.
//
// # The directory of a sweep
//
//	sweep.json    the grid and all runs; written first
//	sweep.lock    held by the process that carries the sweep out, which it names
//	NAME/         a run directory
//	NAME.log      what the run said; held while it runs
//	NAME.failure  why the run failed when it was last tried
//	slurm.sh      the batch script of the array job that was submitted last
//	slurm.json    the array jobs
//	slurm/        what Slurm said of each task
package sweep
