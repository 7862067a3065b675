// Package rbac holds what vmdeck knows about permissions without asking anybody: how Kubernetes matches
// a request against policy rules, which cluster roles vmdeck ships and what they are for, and how an
// answer is put into words. It does no I/O and imports Kubernetes API types only; package kube asks the
// API server and turns the answers into the types of this package.
//
// Nothing here decides by a role's name. Names appear only to tell the reader which known role would
// grant what is missing.
package rbac

//go:generate go run ./internal/gen
