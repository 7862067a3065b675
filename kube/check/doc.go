// Package check finds out whether a cluster's VM platform works for whom it should. Each Check proves one thing and says by which
// requests. Nothing is written but server-side dry runs. Whoever may see little gets an answer all the same: what could not be looked
// at, for want of which permission, and which roles have it.
package check
