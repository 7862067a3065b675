package keep

import (
	"context"
	"errors"
	"fmt"

	"sigs.k8s.io/yaml"

	"vmdeck.dev/vmdeck/kube"
)

// FieldManager is the name under which vmdeck applies objects.
const FieldManager = "vmdeck"

// Kind is a custom resource of cluster scope whose objects stand for a T each. It is not changed after it was made, and safe for
// concurrent use.
type Kind[T any] struct {
	Group, Version, Resource, Kind string
	// Siblings are the other kinds of the group, which may lie in the same folder.
	Siblings []string
	// One and Many are what people call it: rule and rules.
	One, Many string
	// Definition is the CustomResourceDefinition as YAML.
	Definition []byte
	// Holds completes the sentence "spec is missing: it says …".
	Holds string

	// Name is what the object is called.
	Name func(T) string
	// Spec is what stands in the object as its spec. It has all of its fields always, as a patch leaves those that it does not name as
	// they were.
	Spec func(T) any
	// Read makes a T of an object's name and spec.
	Read func(name string, spec Spec) (T, error)
	// Check is why a T cannot be used; nil: it can.
	Check func(T) error

	// NotInstalled says that the cluster does not know the custom resource.
	NotInstalled error
	// Changed says that an object is not what it was when it was read, Exists that there is one of that name. Both go on after
	// "save the rule devs: ".
	Changed, Exists error
}

// Stored is a T as it is kept.
type Stored[T any] struct {
	Value T
	// Name is the object's.
	Name string
	// Version changes with every change of the object.
	Version string
	// UID is that of the object in the cluster; empty for one in a file.
	UID string
	// Err is why what is kept cannot be used; then Value is empty.
	Err error
	// Unnamed is set with Err where not even the name could be read: Name stands for the place then, such as a file's.
	Unnamed bool
}

// Store keeps objects of a kind. It is safe for concurrent use. Its errors are sentences, and kube.Classify sees what is behind them.
type Store[T any] interface {
	// List returns the objects, sorted by name. Where the cluster does not know the custom resource the error is the kind's NotInstalled.
	List(ctx context.Context) ([]Stored[T], error)
	// Save makes an object, or with a version changes the one that has it. The error is Exists where there is one of that name, and
	// Changed when it was changed since.
	Save(ctx context.Context, value T, version string) (Stored[T], error)
	// Delete removes an object in the version given; the error is Changed when it was changed since. One that is gone is as wished.
	Delete(ctx context.Context, object Stored[T]) error
	// Watch calls changed after each change until the context ends.
	Watch(ctx context.Context, changed func())
	// Where says where the objects are, for people: "the cluster", "the folder /etc/vmdeck/rules".
	Where() string
}

// Find returns the object of a name.
func Find[T any](objects []Stored[T], name string) (Stored[T], bool) {
	for _, o := range objects {
		if o.Name == name && !o.Unnamed {
			return o, true
		}
	}
	return Stored[T]{}, false
}

// FullName is the custom resource's, as in rolebindingrules.vmdeck.dev.
func (k *Kind[T]) FullName() string { return k.Resource + "." + k.Group }

// Object is the value in Kubernetes' words, the same in the cluster and in files.
func (k *Kind[T]) Object(value T) Object {
	return Object{APIVersion: k.apiVersion(), Kind: k.Kind, Metadata: Meta{Name: k.Name(value)}, Spec: k.Spec(value)}
}

// Manifest is the value's object as YAML, ready for a file or kubectl apply.
func (k *Kind[T]) Manifest(value T) ([]byte, error) { return yaml.Marshal(k.Object(value)) }

func (k *Kind[T]) apiVersion() string { return k.Group + "/" + k.Version }

// explained is an error with its sentence.
type explained struct {
	text string
	err  error
}

func (e explained) Error() string { return e.text }

func (e explained) Unwrap() error { return e.err }

// Explain puts a failed call into a sentence as kube.Explain does, and keeps the error behind it.
func Explain(err error, what string) error { return explained{kube.Explain(err, what), err} }

// refuse says in a sentence that an attempt was turned down for one of the kind's reasons; cause may be nil.
func refuse(what string, reason, cause error) error {
	return explained{fmt.Sprintf("%s: %v.", what, reason), errors.Join(reason, cause)}
}
