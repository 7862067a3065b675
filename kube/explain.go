package kube

// Explain is a stub.
func Explain(err error, what string) string { return what + ": " + err.Error() }
