// Package live reads run directories as they are at any moment: while they are written, after an interruption, damaged, or gone.
//
// It is opinionated that looking changes nothing, not even what a killed process has left, and that looking is never refused: what is wrong
// is part of what is seen. Curves are thinned to what a screen shows: losses of minibatches are averaged over blocks of steps, evaluations
// are picked. Start with [Look] for how a run stands, with [Feed] for what is new since, and with [Find] for the runs below a directory.
package live
