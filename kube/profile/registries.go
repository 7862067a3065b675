package profile

import "vmdeck.dev/vmdeck/kube/profile/pack"

// Registries are where packs are looked for, in this order.
type Registries []pack.Registry
