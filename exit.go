package main

import "errors"

// Exit codes of the sub-commands that act or check: scripts tell by them whether to look at the results or at the call.
const (
	exitFailed = 1 // it ran, and something is not as asked for
	exitNoRun  = 2 // it could not run: bad input, no configuration, no connection, nothing it was meant for
)

// exitError is an error that ends the program with a code of its own. A nil err has been told already.
type exitError struct {
	code int
	err  error
}

func (e exitError) Error() string {
	if e.err == nil {
		return ""
	}
	return e.err.Error()
}

func (e exitError) Unwrap() error { return e.err }

// noRun marks an error as one that kept the command from running; nil and an error with a code of its own stay as they are.
func noRun(err error) error {
	if coded := (exitError{}); err == nil || errors.As(err, &coded) {
		return err
	}
	return exitError{exitNoRun, err}
}

// exitCode is what the program ends with after an error.
func exitCode(err error) int {
	if coded := (exitError{}); errors.As(err, &coded) {
		return coded.code
	}
	return exitFailed
}
