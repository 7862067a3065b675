// Package apply carries a cluster profile out: it compares the profile's layers with a cluster, installs and upgrades them with the Helm
// SDK, follows each object until it is ready, and takes the profile back or away again. It does not care where profiles are kept.
//
// Every layer is a Helm release, manifests included, in Helm's own storage: what `helm list` says is the truth here too. The releases of
// one run carry the same number in LabelRevision, which is the revision of the profile; LabelProfile and LabelVersion say whose they are.
//
// Nothing is changed before the server has accepted every object as a dry run and no refusal is left. One run at a time holds the lock of
// a profile. A run that ends early, for whatever reason, leaves releases that the next run picks up.
//
// The custom resource definitions of a layer are made before its release and do not belong to it: they are brought up to date where this
// package made them, left alone where somebody else did, and never deleted, because all objects of the kind would go with them.
package apply
