// Package profile knows cluster profiles: which packs, with which values, make a cluster a platform for VMs. It keeps them in the cluster or
// in a folder, finds their packs in registries, completes them by what the packs need, and says what a reviewer has to see. It applies
// nothing.
//
// Versions of a profile live side by side: each is an object of its own, called after name and version. A version that clusters use is
// kept until they use it no more.
package profile
