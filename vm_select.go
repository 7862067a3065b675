package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/labels"

	"vmdeck.dev/vmdeck/kube"
	"vmdeck.dev/vmdeck/kube/vm"
)

// selection says which VMs a command is about: named ones, or all that match.
type selection struct {
	names  []target
	all    bool
	labels labels.Selector
	filter vm.Filter
}

// target is a VM as it was named.
type target struct{ namespace, name string }

func (t target) String() string { return t.namespace + "/" + t.name }

// choose reads arguments and flags. Without either, everything in sight is chosen.
func (f *vmFlags) choose(args []string) (*selection, error) {
	s := &selection{all: f.all, labels: labels.Everything()}
	var err error
	if s.labels, err = labels.Parse(f.selector); err != nil {
		return nil, fmt.Errorf("-l %q is no label selector like tier=web,env!=prod", f.selector)
	}
	if s.filter, err = vm.ParseFilter(f.filter); err != nil {
		return nil, fmt.Errorf("--filter: %w", err)
	}
	for _, arg := range args {
		t, err := parseTarget(arg)
		if err != nil {
			return nil, err
		}
		if !slices.Contains(s.names, t) {
			s.names = append(s.names, t)
		}
	}
	if len(args) > 0 && f.all {
		return nil, errors.New("-A goes with -l or --filter, not with names")
	}
	return s, nil
}

// chooseSome is choose for what changes VMs: an empty selector, as an unset variable leaves it, must not mean all of them.
func (f *vmFlags) chooseSome(args []string) (*selection, error) {
	s, err := f.choose(args)
	switch {
	case err != nil:
		return nil, err
	case len(args) > 0 && (f.selector != "" || f.filter != ""):
		return nil, errors.New("name VMs, or choose them by -l and --filter; not both")
	case len(args) == 0 && s.labels.Empty() && s.filter.Empty():
		return nil, errors.New("say which VMs: their names as in team-a/db-1, or -l SELECTOR, or --filter QUERY")
	}
	return s, nil
}

func parseTarget(arg string) (target, error) {
	namespace, name, qualified := strings.Cut(arg, "/")
	if !qualified {
		namespace, name = "", arg
	}
	if _, err := time.ParseDuration(arg); err == nil {
		return target{}, fmt.Errorf("%q names no VM; a duration follows its flag with =, as in --wait=%s", arg, arg)
	}
	if name == "" || strings.Contains(name, "/") || qualified && !kube.IsNamespaceName(namespace) {
		return target{}, fmt.Errorf("%q names no VM; write its namespace and name, as in team-a/db-1", arg)
	}
	return target{namespace, name}, nil
}

// in puts the selection into a namespace, where it does not say another, and returns what has to be looked into.
func (s *selection) in(namespace string) vm.Scope {
	if s.all {
		return vm.Scope{All: true}
	}
	if len(s.names) == 0 {
		return vm.Scope{Namespaces: []string{namespace}}
	}
	var scope vm.Scope
	for i := range s.names {
		if s.names[i].namespace == "" {
			s.names[i].namespace = namespace
		}
		if ns := s.names[i].namespace; !slices.Contains(scope.Namespaces, ns) {
			scope.Namespaces = append(scope.Namespaces, ns)
		}
	}
	return scope
}

// of returns the chosen VMs of a list, and the named ones that are not in it.
func (s *selection) of(list *vm.Followed) (rows []*vm.Row, missing []target) {
	for _, t := range s.names {
		if r := list.Find(t.namespace, t.name); r != nil {
			rows = append(rows, r)
		} else {
			missing = append(missing, t)
		}
	}
	if len(s.names) > 0 {
		return rows, missing
	}
	return slices.DeleteFunc(list.Rows(), func(r *vm.Row) bool {
		return !s.labels.Matches(labels.Set(r.Labels)) || !s.filter.Match(r)
	}), nil
}
