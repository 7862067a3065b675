package template

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/rest"

	"vmdeck.dev/vmdeck/config"
	"vmdeck.dev/vmdeck/kube"
	"vmdeck.dev/vmdeck/kube/keep"
	"vmdeck.dev/vmdeck/kube/vm"
	"vmdeck.dev/vmdeck/rbac"
)

// Keeper makes VMs and changes templates, with what every change needs around it: the permissions, the read-only mode and the audit log.
// Its errors are sentences, and kube.Classify sees what is behind them. It is safe for concurrent use.
type Keeper struct {
	Cluster *kube.Cluster
	// ReadOnly is why nothing may be changed; empty: it may.
	ReadOnly string
	Audit    kube.Auditor
	// User is who acts, for the audit log.
	User func() string
}

// Refused is the error of what vmdeck did not try, since it is known that the user may not.
type Refused struct {
	Decision rbac.Decision
	text     string
}

// Error is the sentence.
func (r Refused) Error() string { return r.text }

// Is makes it an ErrForbidden.
func (r Refused) Is(target error) bool { return target == ErrForbidden }

// Made is a VM that the server has taken.
type Made struct{ Namespace, Name, UID string }

// Check has the server try to make a VM, with all of its checks, and changes nothing.
func (k *Keeper) Check(ctx context.Context, m Machine) error {
	_, err := k.launch(ctx, m, true)
	return err
}

// Create makes a VM and records it. The error is ErrExists where the name is taken.
func (k *Keeper) Create(ctx context.Context, m Machine) (Made, error) { return k.launch(ctx, m, false) }

// Admit says why the user may not make a VM, as far as that is known beforehand.
func (k *Keeper) Admit(ctx context.Context, m Machine) error {
	_, err := k.admit(ctx, m.making(), m.Namespace, Launches(), false)
	return err
}

// AdmitWrite says why the user may not change the catalogue by the verb create, update or delete, as far as that is known beforehand.
func (k *Keeper) AdmitWrite(ctx context.Context, verb, name string) error {
	_, err := k.admitWrite(ctx, verb, verb+" the VM template "+name, false)
	return err
}

// admitWrite is admit for the catalogue. Who may not change it is told before that where there is none.
func (k *Keeper) admitWrite(ctx context.Context, verb, what string, dryRun bool) (rbac.Verdict, error) {
	verdict, err := k.admit(ctx, what, "", Writes(verb), dryRun)
	if verdict == rbac.Denied && !served(ctx, k.Cluster) {
		err = ErrNoKind
	}
	return verdict, err
}

// making is what is done, for sentences.
func (m Machine) making() string {
	what := "make " + m.Namespace + "/" + m.Name
	if m.trial {
		return fmt.Sprintf("try a VM of the template %s in %s", m.Template, m.Namespace)
	} else if m.Template != "" {
		what += " from the template " + m.Template
	}
	return what
}

func (k *Keeper) launch(ctx context.Context, m Machine, dryRun bool) (Made, error) {
	what := m.making()
	made := Made{Namespace: m.Namespace, Name: m.Name}
	verdict, err := k.admit(ctx, what, m.Namespace, Launches(), dryRun)
	if err == nil {
		var body []byte
		body, err = k.write(ctx, k.Cluster.REST(rbac.GroupKubeVirt, "v1").Post().Namespace(m.Namespace).Resource(string(vm.Machines)), m.object, dryRun)
		made.UID = uidOf(body)
		if kube.Classify(err) == kube.KindForbidden {
			k.Cluster.Access().Invalidate(m.Namespace)
		}
		err = machineFault(err, what, m)
	}
	entry := config.AuditEntry{Action: "launch", Namespace: m.Namespace, Name: m.Name, UID: made.UID, DryRun: dryRun, Decision: verdict.String()}
	return made, errors.Join(err, k.record(entry, err))
}

// machineFault says why the server did not make a VM.
func machineFault(err error, what string, m Machine) error {
	switch kind := kube.Classify(err); {
	case err == nil:
		return nil
	case kind == kube.KindConflict:
		return explained{fmt.Sprintf("%s: there is a VM of that name in %s already; choose another name", what, m.Namespace), errors.Join(ErrExists, err)}
	case kind == kube.KindNotFound:
		return explained{fmt.Sprintf("%s: there is no namespace %s", what, m.Namespace), err}
	}
	return keep.Explain(err, what)
}

// admit asks whether the user may, and refuses in read-only mode. What the API server does not say beforehand is left to it.
func (k *Keeper) admit(ctx context.Context, what, namespace string, perms []rbac.Permission, dryRun bool) (rbac.Verdict, error) {
	if k.ReadOnly != "" && !dryRun {
		return rbac.Unknown, Refused{text: fmt.Sprintf("%s: nothing was changed: %s", what, k.ReadOnly)}
	}
	d := k.Cluster.Access().Ask(ctx, namespace, perms...)
	if d.Verdict == rbac.Denied {
		return d.Verdict, Refused{Decision: d, text: refusal(what, d)}
	}
	return d.Verdict, nil
}

// write sends an object. A field that the server does not know is a mistake, which it would otherwise drop without a word.
func (k *Keeper) write(ctx context.Context, request *rest.Request, object map[string]any, dryRun bool) ([]byte, error) {
	body, err := json.Marshal(object)
	if err != nil {
		return nil, err
	}
	request.Param("fieldManager", keep.FieldManager).Param("fieldValidation", "Strict").SetHeader("Content-Type", "application/json").Body(body)
	if dryRun {
		request.Param("dryRun", metav1.DryRunAll)
	}
	return send(ctx, k.Cluster, request)
}

// Save makes a template, or with a ResourceVersion changes the one that has it; as a dry run the server tries it and changes nothing. The
// error is ErrExists where there is one of that name, and ErrChanged when it was changed since.
func (k *Keeper) Save(ctx context.Context, t Template, dryRun bool) (Template, error) {
	verb, request := "create", k.Cluster.REST(rbac.GroupTemplates, Version).Post().Resource(Resource)
	if t.ResourceVersion != "" {
		verb, request = "update", k.Cluster.REST(rbac.GroupTemplates, Version).Put().Resource(Resource).Name(t.Name)
	}
	what := verb + " the VM template " + t.Name
	var saved Template
	verdict, err := k.admitWrite(ctx, verb, what, dryRun)
	if err == nil {
		var body []byte
		if body, err = k.write(ctx, request, t.Object(), dryRun); err == nil {
			saved, err = Decode(body)
		} else {
			err = k.saveFault(ctx, err, what, t, verb)
		}
	}
	entry := config.AuditEntry{Action: verb, Name: Kind + "/" + t.Name, UID: saved.UID, DryRun: dryRun, Decision: verdict.String()}
	return saved, errors.Join(err, k.record(entry, err))
}

func (k *Keeper) saveFault(ctx context.Context, err error, what string, t Template, verb string) error {
	switch kind := kube.Classify(err); {
	case kind == kube.KindConflict && t.ResourceVersion == "":
		return explained{fmt.Sprintf("%s: there is a template of that name already; vmdeck template edit %s changes it", what, t.Name), errors.Join(ErrExists, err)}
	case kind == kube.KindConflict, kind == kube.KindNotFound && served(ctx, k.Cluster):
		return explained{what + ": " + ErrChanged.Error(), errors.Join(ErrChanged, err)}
	}
	return fault(ctx, k.Cluster, err, what, Writes(verb)[0])
}

// Delete removes the very template that was read; VMs made from it stay. The error is ErrChanged when it was changed since. One that is
// gone is as wished.
func (k *Keeper) Delete(ctx context.Context, t Template, dryRun bool) error {
	what := "delete the VM template " + t.Name
	verdict, err := k.admitWrite(ctx, "delete", what, dryRun)
	if err == nil {
		uid := types.UID(t.UID)
		options := metav1.DeleteOptions{Preconditions: &metav1.Preconditions{UID: &uid, ResourceVersion: &t.ResourceVersion}}
		options.Kind, options.APIVersion = "DeleteOptions", "v1"
		if dryRun {
			options.DryRun = []string{metav1.DryRunAll}
		}
		_, err = send(ctx, k.Cluster, k.Cluster.REST(rbac.GroupTemplates, Version).Delete().Resource(Resource).Name(t.Name).Body(&options))
		switch kind := kube.Classify(err); {
		case kind == kube.KindConflict:
			err = explained{what + ": " + ErrChanged.Error(), errors.Join(ErrChanged, err)}
		case kind == kube.KindNotFound && served(ctx, k.Cluster):
			err = nil
		case err != nil:
			err = fault(ctx, k.Cluster, err, what, Writes("delete")[0])
		}
	}
	return errors.Join(err, k.record(config.AuditEntry{Action: "delete", Name: Kind + "/" + t.Name, UID: t.UID, DryRun: dryRun, Decision: verdict.String()}, err))
}

func (k *Keeper) record(entry config.AuditEntry, err error) error {
	if errors.As(err, &Refused{}) {
		entry.Result = "refused"
	}
	return k.Cluster.Record(k.Audit, k.User, entry, err)
}

func uidOf(body []byte) string {
	var object struct {
		Metadata struct {
			UID string `json:"uid"`
		} `json:"metadata"`
	}
	_ = json.Unmarshal(body, &object) // without an answer there is no UID
	return object.Metadata.UID
}
