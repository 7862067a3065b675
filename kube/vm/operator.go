package vm

import (
	"context"
	"errors"
	"fmt"

	"vmdeck.dev/vmdeck/config"
	"vmdeck.dev/vmdeck/kube"
)

// Operator carries actions out: it asks the gate once more, makes sure that the VM is still the one that the user saw, makes the
// call with a deadline and writes the audit log. It is safe for concurrent use.
type Operator struct {
	Cluster *kube.Cluster
	Gate    *Gate
	Audit   kube.Auditor
	// Latest returns the newest row of a VM; nil when it is gone.
	Latest func(namespace, name string) *Row
	// User is who acts, for the audit log.
	User func() string
}

// Outcome is what became of one action on one VM.
type Outcome struct {
	Refused bool   // by vmdeck, before the server was asked
	Err     error  // why it was not done; nil when it was
	Text    string // a sentence for the user, either way
	// AuditErr is set when the action could not be written to the audit log.
	AuditErr error
}

// Done says whether the server accepted the action.
func (o Outcome) Done() bool { return o.Err == nil }

var errGone = errors.New("it no longer exists")

// Do carries out one action on the VM that the row stands for. An action is tied to the row's UID: when another VM of the same name
// has taken its place, nothing is done.
func (o *Operator) Do(ctx context.Context, a *Action, r *Row, options Options) Outcome {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	latest, verdict, err := o.admit(ctx, a, r, options)
	refused := err != nil
	if err == nil {
		err = a.run(ctx, &client{o.Cluster}, latest, options)
		o.Cluster.Health().Report(err)
		if kind := kube.Classify(err); kind == kube.KindForbidden || kind == kube.KindVirtAPIDenied {
			o.Cluster.Access().Invalidate(r.Namespace)
		}
	}
	out := Outcome{Refused: refused, Err: err, Text: sentence(a, r, options, err, refused)}
	out.AuditErr = o.record(a, r, options, verdict, out)
	return out
}

// admit judges the action on the newest row and compares the object on the server with the one that the user saw.
func (o *Operator) admit(ctx context.Context, a *Action, r *Row, options Options) (*Row, Verdict, error) {
	latest := o.Latest(r.Namespace, r.Name)
	switch {
	case o.Gate.As != "":
		return nil, Verdict{}, errors.New(o.Gate.looking())
	case options.DryRun && !a.DryRun:
		return nil, Verdict{}, errNoDryRun
	case latest == nil:
		return nil, Verdict{}, errGone
	case latest.UID != r.UID:
		return nil, Verdict{}, errReplaced
	}
	verdict := o.Gate.Check(a, latest)
	if verdict.Off() {
		return nil, verdict, errors.New(verdict.Reason)
	}
	uid, err := (&client{o.Cluster}).current(ctx, latest)
	switch kube.Classify(err) {
	case kube.KindNone:
		if uid != r.UID {
			return nil, verdict, errReplaced
		}
	case kube.KindForbidden: // who may act but not read is held to what the watch last said
	case kube.KindNotFound:
		return nil, verdict, errGone
	default:
		return nil, verdict, err
	}
	return latest, verdict, nil
}

var errNoDryRun = errors.New("KubeVirt has no dry run of this")

var errReplaced = errors.New("nothing was done: another VM of the same name has taken its place")

// sentence puts an outcome into words.
func sentence(a *Action, r *Row, options Options, err error, refused bool) string {
	var status interface{ Unwrap() error }
	switch {
	case err == nil && options.DryRun:
		return fmt.Sprintf("%s: the server would accept %q (dry run, nothing was changed)", r.Key(), a.Title)
	case err == nil:
		return fmt.Sprintf("%s: %s%s", r.Key(), a.Done, consequence(a, r))
	case refused && !errors.As(err, &status) && kube.Classify(err) == kube.KindInternal:
		return fmt.Sprintf("%s %s: %s", a.Title, r.Key(), err)
	default:
		return kube.Explain(err, fmt.Sprintf("%s %s", a.ID, r.Key()))
	}
}

// consequence names what an action changed besides the obvious (KubeVirt pkg/virt-api/rest/lifecycle.go, getRunningPatch).
func consequence(a *Action, r *Row) string {
	switch {
	case a.ID == "start" && r.RunStrategy == "Halted":
		return "; run strategy is now Always"
	case (a.ID == "stop" || a.ID == "force-stop") && (r.RunStrategy == "Always" || r.RunStrategy == "Once"):
		return fmt.Sprintf("; run strategy %s is now Halted", r.RunStrategy)
	}
	return ""
}

func (o *Operator) record(a *Action, r *Row, options Options, verdict Verdict, out Outcome) error {
	entry := config.AuditEntry{
		Action: a.ID, Namespace: r.Namespace, Name: r.Name, UID: r.UID, Decision: verdict.Decision.Verdict.String(), DryRun: options.DryRun,
	}
	if out.Err != nil {
		entry.Error = out.Text
	}
	if out.Refused {
		entry.Result = "refused"
	}
	return o.Cluster.Record(o.Audit, o.User, entry, out.Err)
}
