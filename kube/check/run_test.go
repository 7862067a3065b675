package check

import (
	"context"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"vmdeck.dev/vmdeck/rbac"
)

// TestHealthyCluster: on a cluster in order nothing fails, the order of results is fixed, and nothing is written but dry runs.
func TestHealthyCluster(t *testing.T) {
	f := newFake()
	report := f.run(t, Options{})
	for _, r := range report.Results {
		if r.Verdict != Pass && r.Verdict != NotApplicable {
			want(t, r, Pass)
		}
		if r.Summary == "" || r.Proves == "" || len([]rune(r.Title)) > 20 || len(r.How) == 0 && r.Verdict == Pass {
			t.Errorf("incomplete: %+v", r)
		}
	}
	if report.Next != nil || report.Failed(true) || report.Worst() != Pass {
		t.Errorf("next: %+v", report.Next)
	}
	for _, line := range f.seen {
		review := strings.HasSuffix(line, "reviews")
		if !strings.HasPrefix(line, "GET ") && !review && !strings.HasSuffix(line, "?dryRun=All") {
			t.Errorf("a request that writes: %s", line)
		}
	}
	if again := f.run(t, Options{}); !slices.Equal(ids(report), ids(again)) {
		t.Errorf("the order changed:\n%v\n%v", ids(report), ids(again))
	}
	if got := groupsOf(report); !reflect.DeepEqual(got, Groups()) {
		t.Errorf("groups %v", got)
	}
}

func groupsOf(r Report) []string {
	var out []string
	for _, result := range r.Results {
		if len(out) == 0 || out[len(out)-1] != result.Group {
			out = append(out, result.Group)
		}
	}
	return out
}

func TestNeverMoreRequestsThanAllowed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, most := range []int{1, 3, DefaultParallel} {
			f := newFake()
			f.hold = func() { time.Sleep(time.Second) } // so that all wait for a slot that can
			parallel := most
			if most == DefaultParallel {
				parallel = 0
			}
			report := f.run(t, Options{Parallel: parallel})
			if f.most != most {
				t.Errorf("%d requests at once, want %d", f.most, most)
			}
			if report.Took < time.Second {
				t.Errorf("took %s", report.Took)
			}
		}
	})
}

func TestEvents(t *testing.T) {
	f := newFake()
	begun, ended := map[string]bool{}, 0
	report, err := Run(t.Context(), f.connect(t), Options{Only: []string{Platform, "roles.catalogue"}}, func(e Event) {
		if e.Total != 6 || e.Ended && (!begun[e.Check.ID] || len(e.Results) == 0) || !e.Ended && e.Results != nil {
			t.Errorf("event %+v", e)
		}
		begun[e.Check.ID] = true
		if e.Ended {
			if ended++; e.Done != ended {
				t.Errorf("%d done, want %d", e.Done, ended)
			}
		}
	})
	if err != nil || ended != 6 || !reflect.DeepEqual(groupsOf(report), []string{Platform, Roles}) {
		t.Errorf("%d ended: %v %v", ended, groupsOf(report), err)
	}
}

func TestRunCannot(t *testing.T) {
	f := newFake()
	if _, err := Run(t.Context(), f.connect(t), Options{Only: []string{"weather"}}, nil); err == nil || !strings.Contains(err.Error(), "no group or check weather") {
		t.Errorf("unknown group: %v", err)
	}
	if _, err := Run(t.Context(), f.connect(t), Options{Who: &rbac.Who{}}, nil); err == nil {
		t.Error("somebody without a name was accepted")
	}
	f.hold = func() { panic("no request is to be made") }
	ctx, cancel := context.WithCancel(t.Context())
	c := f.connect(t)
	cancel()
	if _, err := Run(ctx, c, Options{}, nil); err == nil {
		t.Error("a run that was cancelled has no error")
	}
}

// TestCancelled: what had not ended is left out, and the error says so.
func TestCancelled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake()
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		f.hold = func() { time.Sleep(2 * time.Second) }
		report, err := Run(ctx, f.connect(t), Options{Parallel: 1}, nil)
		if err == nil || len(report.Results) > 5 {
			t.Errorf("%d results, %v", len(report.Results), err)
		}
	})
}

// TestC7Nobody: a user without any right gets a report, with what is missing and who has it, and the one next step.
func TestC7Nobody(t *testing.T) {
	f := newFake()
	f.user = rbac.WhoIs("nobody")
	f.page(probePath("default"), page{code: 403, text: "nobody cannot get"})
	report := f.run(t, Options{})
	if report.Next == nil || report.Next.Result != "access.own" || !strings.Contains(report.Next.Fix.Text, rbac.RoleViewer) {
		t.Fatalf("next: %+v", report.Next)
	}
	rule, ok := report.Next.Fix.Open.(EditRule)
	if !ok || len(rule.Rule.Validate()) > 0 || rule.Rule.Subjects[0].Name != "nobody" {
		t.Errorf("the editor would open with %+v", report.Next.Fix.Open)
	}
	denied := 0
	for _, r := range report.Results {
		if r.Verdict == NotPermitted {
			denied++
			if len(r.Missing) == 0 || r.Fix.Text == "" || !strings.HasPrefix(r.Summary, "You may not ") {
				t.Errorf("%s does not say what is missing: %+v", r.ID, r)
			}
		}
	}
	if denied < 8 {
		t.Errorf("%d not permitted: %v", denied, ids(report))
	}
	for _, r := range report.Results {
		if r.ID == "roles.catalogue" && !slices.Equal(r.Grants, []string{rbac.RoleAdmin}) {
			t.Errorf("%s: %v may look", r.ID, r.Grants)
		}
	}
}

// TestC7NothingConfigured: on a fresh cluster the administrator is led to the wizard, and where there are roles, to the first binding. Who
// may not make profiles is told who may.
func TestC7NothingConfigured(t *testing.T) {
	f := newFake()
	roles := f.roles
	f.bindings, f.roles = nil, map[rbac.RoleRef]rbac.Rules{}
	step := f.run(t, Options{}).Next
	if _, ok := step.Fix.Open.(NewProfile); !ok || step.Result != "profile.applied" {
		t.Errorf("first %+v", step)
	}
	reads := rbac.RoleRef{Kind: rbac.KindClusterRole, Name: "reads"}
	f.roles[reads] = rbac.Rules{{APIGroups: []string{"*"}, Resources: []string{"*"}, Verbs: []string{"get", "list"}}}
	f.user = rbac.WhoIs("reader")
	f.bind("", "reads", "reads", "reader")
	step = f.run(t, Options{}).Next
	if step.Fix.Open != nil || !strings.Contains(step.Fix.Text, "clusterprofiles") {
		t.Errorf("who may not is led to %+v", step)
	}
	f.user = rbac.Who{User: admin, Groups: []string{"system:masters", "system:authenticated"}}
	f.roles, f.bindings = roles, nil
	step = f.run(t, Options{}).Next
	if _, ok := step.Fix.Open.(EditRule); !ok || step.Result != "bindings.personas" {
		t.Errorf("then %+v", step)
	}
}
