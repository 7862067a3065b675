package stream

import "time"

// Meta is the part of an object's metadata that rows and details need. managedFields, annotations and finalizers are never
// decoded: on a real VirtualMachine they are a third of the bytes.
type Meta struct {
	Name              string            `json:"name"`
	Namespace         string            `json:"namespace"`
	UID               string            `json:"uid"`
	ResourceVersion   string            `json:"resourceVersion"`
	CreationTimestamp time.Time         `json:"creationTimestamp"`
	DeletionTimestamp *time.Time        `json:"deletionTimestamp"`
	Labels            map[string]string `json:"labels"`
	OwnerReferences   []Owner           `json:"ownerReferences"`
}

// Owner names the object that another one belongs to.
type Owner struct {
	Kind string `json:"kind"`
	Name string `json:"name"`
	UID  string `json:"uid"`
}

// Object is embedded by every type that a stream decodes; the type adds the fields that it wants from spec and status.
type Object struct {
	Metadata Meta `json:"metadata"`
}

// Meta returns the object's metadata, which the stream reads for resource versions.
func (o *Object) Meta() *Meta { return &o.Metadata }

// Key is the object's namespace and name, its identity within one kind.
func (m *Meta) Key() string { return m.Namespace + "/" + m.Name }

// Decodable is a pointer to a type that embeds Object.
type Decodable[T any] interface {
	*T
	Meta() *Meta
}
