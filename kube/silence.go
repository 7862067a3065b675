package kube

import (
	"github.com/go-logr/logr"
	"k8s.io/client-go/rest"
	"k8s.io/klog/v2"
)

// SilenceLogs stops client-go from writing to the terminal: its log, which could also carry request
// headers at high verbosity, and the API server's deprecation warnings. Call it once at start, before
// any goroutine. It registers no flags.
func SilenceLogs() {
	klog.SetLogger(logr.Discard())
	rest.SetDefaultWarningHandler(rest.NoWarnings{})
}
