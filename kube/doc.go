// Package kube is the only part of vmdeck that talks to an API server. It holds the connection to one
// cluster (Cluster), what is known about that cluster (ClusterInfo), what its user may do (Access),
// whether the connection works (Health), and how failures are told apart and explained (Classify,
// Explain). What is done over the connection lives in the packages below it.
//
// Every call takes a context and sets its own deadline. Goroutines are started by the caller, who ends
// them by cancelling the context given to Access.Run or Cluster.WatchNamespaces.
package kube
