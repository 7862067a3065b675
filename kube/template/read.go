package template

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"k8s.io/client-go/rest"

	"vmdeck.dev/vmdeck/kube"
	"vmdeck.dev/vmdeck/kube/keep"
	"vmdeck.dev/vmdeck/rbac"
)

// The errors that callers tell apart.
var (
	// ErrNoKind says that the cluster does not know VmTemplates.
	ErrNoKind = errors.New("this cluster does not know VM templates: a profile with the pack virtual-machine-orchestrator brings them")
	// ErrForbidden says that the user may not.
	ErrForbidden = errors.New("not permitted")
	// ErrNotFound says that there is no template of that name.
	ErrNotFound = errors.New("there is no such template")
	// ErrExists says that the name is taken.
	ErrExists = errors.New("the name is taken")
	// ErrChanged says that a template is not what it was when it was read.
	ErrChanged = errors.New("it was changed since you opened it, and nothing was overwritten; open it again")
)

// explained is an error with its sentence.
type explained struct {
	text string
	err  error
}

func (e explained) Error() string { return e.text }

func (e explained) Unwrap() error { return e.err }

// List returns the templates, sorted by name. The error is a sentence; it is ErrNoKind where the cluster does not know templates, and
// ErrForbidden where the user may not list them.
func List(ctx context.Context, c *kube.Cluster) ([]Template, error) {
	var list struct {
		Items []json.RawMessage `json:"items"`
	}
	body, err := send(ctx, c, c.REST(rbac.GroupTemplates, Version).Get().Resource(Resource))
	if err == nil {
		err = json.Unmarshal(body, &list)
	}
	if err != nil {
		return nil, fault(ctx, c, err, "list VM templates", rbac.On("list", rbac.GroupTemplates, Resource))
	}
	out := make([]Template, 0, len(list.Items))
	for _, item := range list.Items {
		t, err := Decode(item)
		if err != nil {
			return nil, err
		}
		out = append(out, t)
	}
	return sorted(out), nil
}

// Get returns one template. Who may only list them gets it out of the list. The errors are List's and ErrNotFound.
func Get(ctx context.Context, c *kube.Cluster, name string) (Template, error) {
	if strings.ContainsAny(name, "/%") || name == "" || name == "." || name == ".." {
		return Template{}, notFound(name)
	}
	body, err := send(ctx, c, c.REST(rbac.GroupTemplates, Version).Get().Resource(Resource).Name(name))
	switch kube.Classify(err) {
	case kube.KindNone:
		return Decode(body)
	case kube.KindForbidden:
		list, err := List(ctx, c)
		for _, t := range list {
			if t.Name == name {
				return t, nil
			}
		}
		if err == nil {
			err = notFound(name)
		}
		return Template{}, err
	case kube.KindNotFound:
		if served(ctx, c) {
			return Template{}, notFound(name)
		}
	}
	return Template{}, fault(ctx, c, err, "read the VM template "+name, rbac.On("get", rbac.GroupTemplates, Resource))
}

func notFound(name string) error {
	return explained{fmt.Sprintf("there is no VM template %q; vmdeck template list names those there are", name), ErrNotFound}
}

// send makes a request under a deadline and returns the answer's body. Result.Raw alone would keep the server's reason for a refusal to
// itself.
func send(ctx context.Context, c *kube.Cluster, request *rest.Request) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, kube.CallTimeout)
	defer cancel()
	result := request.Do(ctx)
	err := result.Error()
	c.Health().Report(err)
	if err != nil {
		return nil, err
	}
	return result.Raw()
}

// served says whether the cluster knows templates. Somebody without rights is refused before the API server looks whether there is
// anything to be refused; everybody may ask which kinds there are. Where it does not say, the answer is yes.
func served(ctx context.Context, c *kube.Cluster) bool {
	var kinds struct {
		Resources []struct {
			Name string `json:"name"`
		} `json:"resources"`
	}
	body, err := send(ctx, c, c.REST("", "v1").Get().AbsPath("/apis", rbac.GroupTemplates, Version))
	if kube.Classify(err) == kube.KindNotFound {
		return false
	}
	if err != nil || json.Unmarshal(body, &kinds) != nil {
		return true
	}
	for _, r := range kinds.Resources {
		if r.Name == Resource {
			return true
		}
	}
	return false
}

// fault puts a failed call about templates into a sentence.
func fault(ctx context.Context, c *kube.Cluster, err error, what string, needed rbac.Permission) error {
	kind := kube.Classify(err)
	if (kind == kube.KindForbidden || kind == kube.KindNotFound) && !served(ctx, c) {
		return ErrNoKind
	}
	if kind == kube.KindForbidden {
		return explained{refusal(what, rbac.Deny("", needed)), errors.Join(ErrForbidden, err)}
	}
	return keep.Explain(err, what)
}

// refusal says what is missing and which roles would give it.
func refusal(what string, d rbac.Decision) string {
	if len(d.Grants) == 0 {
		return fmt.Sprintf("%s: not permitted: %s", what, d.Reason)
	}
	return fmt.Sprintf("%s: not permitted: %s; roles that grant it: %s", what, d.Reason, strings.Join(d.Grants, ", "))
}
