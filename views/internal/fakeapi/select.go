package fakeapi

import (
	"net/http"
	"strings"

	"k8s.io/apimachinery/pkg/labels"
)

// selection is which objects of a resource a list or watch is about, and how much of each.
type selection struct {
	namespace string
	labels    labels.Selector
	metadata  bool // and nothing else
}

func askedFor(r *http.Request, req request) selection {
	selector, err := labels.Parse(r.URL.Query().Get("labelSelector"))
	if err != nil {
		selector = labels.Nothing()
	}
	return selection{req.namespace, selector, strings.Contains(r.Header.Get("Accept"), "as=PartialObjectMetadata")}
}

func (s selection) matches(o Object) bool {
	if s.namespace != "" && o.text("namespace") != s.namespace {
		return false
	}
	set := labels.Set{}
	given, _ := o.meta()["labels"].(map[string]any)
	for key, value := range given {
		set[key], _ = value.(string)
	}
	return s.labels.Matches(set)
}

func (s selection) view(o Object) Object {
	if !s.metadata {
		return o
	}
	return Object{"kind": "PartialObjectMetadata", "apiVersion": "meta.k8s.io/v1", "metadata": o["metadata"]}
}
