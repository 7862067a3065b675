// Package binding reads who has which rights on a cluster, explains a right that is missing, and carries out the plans of binding
// rules. What a plan is made of is decided in package rbac, without a server.
package binding
