// Package config holds what the user chose: the configuration file, the environment, the kubeconfig's contexts, and where the audit log is.
package config
