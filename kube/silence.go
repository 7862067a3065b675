package kube

import (
	"sync"

	"github.com/go-logr/logr"
	"k8s.io/client-go/rest"
	"k8s.io/klog/v2"
)

// SilenceLogs stops client-go from writing to the terminal: its log, which could also carry request
// headers at high verbosity, and the API server's deprecation warnings. Call it at start, before any
// goroutine; later calls do nothing. It registers no flags.
func SilenceLogs() { silence() }

var silence = sync.OnceFunc(func() {
	klog.SetLogger(logr.Discard())
	rest.SetDefaultWarningHandler(rest.NoWarnings{})
})
