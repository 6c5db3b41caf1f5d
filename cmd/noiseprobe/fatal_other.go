//go:build !unix

package main

func abortOnFatalErrors() {}
