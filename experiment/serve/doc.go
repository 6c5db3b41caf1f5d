// Package serve shows runs and sweeps in a browser, also while they go on.
//
// It is opinionated that who looks on changes nothing and needs nothing: files are only read, in the directories that were given and not
// through links that lead out of them; every page is whole in itself and has no other address in it than relative ones, so that it works
// behind any path prefix; what is new comes by server-sent events whose cursor is about the run and not about the server, so that a page
// goes on after a restart. Requests by names other than those of this machine are refused, since a page of another site could send them (DNS
// rebinding), and a server that other machines can reach asks for a token.
//
// A request is answered by the last part of its path: "" is the list, run, sweep and overlay are pages, events and changes are streams, and
// figure is a file of a figure. Start with [New].
package serve
