package apply

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"vmdeck.dev/vmdeck/kube"
)

// explain puts a failure into a sentence: what was tried on which object, why it failed, and what to do next.
func explain(err error) string {
	var at *objectError
	if !errors.As(err, &at) {
		return kube.Explain(err, "apply the profile")
	}
	what := at.verb + " " + at.object.String()
	switch managers := conflicts(err); {
	case len(managers) > 0:
		return fmt.Sprintf("%s: %s. What others keep is not overwritten: let them give it up, or set the same value there, and apply again.",
			what, strings.Join(managers, "; "))
	case at.verb == "wait for" && kube.Classify(err) != kube.KindUnreachable && kube.Classify(err) != kube.KindCanceled:
		return fmt.Sprintf("%s does not become ready: %s. Look at its events and at the logs of its pods.", at.object, strings.TrimSuffix(at.err.Error(), "."))
	case meta.IsNoMatchError(err):
		return fmt.Sprintf("%s: this cluster does not serve %s. Install what brings this kind first, or take the object out of the profile.", what, at.object.kind())
	}
	return kube.Explain(err, what)
}

// conflicts are who keeps which fields that server-side apply would have to change: "kubectl keeps .spec.replicas".
func conflicts(err error) []string {
	var status apierrors.APIStatus
	if !errors.As(err, &status) || status.Status().Details == nil {
		return nil
	}
	fields := map[string][]string{}
	var managers []string
	for _, cause := range status.Status().Details.Causes {
		if cause.Type != metav1.CauseTypeFieldManagerConflict {
			continue
		}
		manager := strings.TrimPrefix(cause.Message, "conflict with ")
		manager, _, _ = strings.Cut(manager, " using ")
		manager = strings.Trim(manager, `"`)
		if !slices.Contains(managers, manager) {
			managers = append(managers, manager)
		}
		fields[manager] = append(fields[manager], cause.Field)
	}
	for i, manager := range managers {
		managers[i] = manager + " keeps " + strings.Join(fields[manager], ", ")
	}
	return managers
}

// Refusal is why a plan may not be carried out.
type Refusal struct {
	Layer  string // the release; empty: the profile as a whole
	Object Object // zero: the layer
	Text   string // a sentence, with what to do next
}

// RefusedError is returned where nothing was changed, because the plan has refusals.
type RefusedError struct{ Refusals []Refusal }

func (e *RefusedError) Error() string {
	lines := []string{"nothing was changed:"}
	for _, r := range e.Refusals {
		line := r.Text
		if r.Layer != "" {
			line = r.Layer + ": " + line
		}
		lines = append(lines, line)
	}
	if len(lines) == 2 {
		return strings.Join(lines, " ")
	}
	return strings.Join(lines, "\n  ")
}

// HeldError is returned where nothing was changed, because somebody else is at it.
type HeldError struct {
	Profile string
	Lock
}

func (e *HeldError) Error() string {
	return fmt.Sprintf("nothing was changed: %s is changing the profile %s since %s (%s). Try again when that is done.",
		e.Holder, e.Profile, e.Since.Local().Format("15:04:05"), e.Action)
}
