package kube

import (
	"context"
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/validation"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/watch"
)

// Namespaces is which namespaces a user can be shown and where that is known from.
type Namespaces struct {
	Names []string // sorted
	// Listed says that the API server listed them, so that there are no others.
	Listed bool
	// Terminating are those that are being deleted.
	Terminating []string
}

// Note explains to the user what the list is worth; empty when it is complete.
func (n Namespaces) Note() string {
	if n.Listed {
		return ""
	}
	return "You may not list namespaces: these are from your kubeconfig and configuration. Type any other."
}

// NamespaceNames says what the name of a namespace is made of, for people.
const NamespaceNames = "it takes lower case letters, digits and dashes, a letter or digit first and last, 63 at most"

// IsNamespaceName says whether a text can be the name of a namespace.
func IsNamespaceName(name string) bool {
	return len(validation.ValidateNamespaceName(name, false)) == 0
}

const namespacePause = time.Minute // before a user who may not list namespaces is tried again

// WatchNamespaces follows the namespaces until the context ends and calls changed with every new state. A user who may not list them
// gets those of the kubeconfig and of vmdeck's configuration, and is tried again from time to time.
func (c *Cluster) WatchNamespaces(ctx context.Context, changed func(Namespaces)) {
	var backoff Backoff
	for ctx.Err() == nil {
		err := c.followNamespaces(ctx, func(n Namespaces) {
			backoff.Reset()
			changed(n)
		})
		if ctx.Err() != nil {
			return
		}
		pause := backoff.After(err)
		if kind := Classify(err); kind == KindForbidden {
			changed(c.configuredNamespaces())
			pause = namespacePause
		}
		if err != nil { // that a watch has ended is no answer: a broken connection ends it too
			c.health.Report(err)
		}
		_ = c.health.Wait(ctx, pause)
	}
}

func (c *Cluster) configuredNamespaces() Namespaces {
	names := append([]string{c.target.Namespace}, c.target.Namespaces...)
	names = slices.DeleteFunc(names, func(s string) bool { return s == "" })
	slices.Sort(names)
	return Namespaces{Names: slices.Compact(names)}
}

// followNamespaces lists and then watches until the watch ends.
func (c *Cluster) followNamespaces(ctx context.Context, changed func(Namespaces)) error {
	listCtx, cancel := context.WithTimeout(ctx, CallTimeout)
	defer cancel()
	list, err := c.core.Namespaces().List(listCtx, metav1.ListOptions{})
	if err != nil {
		return err
	}
	c.health.OK()
	phases := map[string]corev1.NamespacePhase{}
	for _, ns := range list.Items {
		phases[ns.Name] = ns.Status.Phase
	}
	changed(namespacesOf(phases))
	seconds := int64(600)
	watcher, err := c.core.Namespaces().Watch(ctx, metav1.ListOptions{ResourceVersion: list.ResourceVersion, TimeoutSeconds: &seconds, AllowWatchBookmarks: true})
	if err != nil {
		return err
	}
	defer watcher.Stop()
	for event := range watcher.ResultChan() {
		ns, ok := event.Object.(*corev1.Namespace)
		switch {
		case !ok:
			return nil // an error object: list again
		case event.Type == watch.Bookmark:
			continue
		case event.Type == watch.Deleted:
			delete(phases, ns.Name)
		default:
			if before, known := phases[ns.Name]; known && before == ns.Status.Phase {
				continue
			}
			phases[ns.Name] = ns.Status.Phase
		}
		changed(namespacesOf(phases))
	}
	return nil
}

func namespacesOf(phases map[string]corev1.NamespacePhase) Namespaces {
	n := Namespaces{Listed: true}
	for name, phase := range phases {
		n.Names = append(n.Names, name)
		if phase == corev1.NamespaceTerminating {
			n.Terminating = append(n.Terminating, name)
		}
	}
	slices.Sort(n.Names)
	slices.Sort(n.Terminating)
	return n
}
