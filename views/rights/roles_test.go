package rights

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"vmdeck.dev/vmdeck/kube/binding"
	"vmdeck.dev/vmdeck/rbac"
	"vmdeck.dev/vmdeck/ui/shell"
	"vmdeck.dev/vmdeck/views/deck"
	"vmdeck.dev/vmdeck/views/internal/fakeapi"
)

// patches are the server-side applies of roles that were asked for, as "spectro-vm-user dry" or "spectro-vm-user force".
func (w *world) patches() []string {
	w.Settle()
	var out []string
	for _, call := range w.api.Calls() {
		if !strings.HasPrefix(call, "PATCH ") {
			w.T.Errorf("not an apply: %s", call)
			continue
		}
		url, body, _ := strings.Cut(strings.TrimPrefix(call, "PATCH /apis/rbac.authorization.k8s.io/v1/clusterroles/"), " ")
		name, query, _ := strings.Cut(url, "?")
		if !strings.Contains(query, "fieldManager=vmdeck") || !strings.Contains(body, `"rules"`) {
			w.T.Errorf("an apply without rules, or by somebody else: %s", call)
		}
		if strings.Contains(query, "dryRun=All") {
			name += " dry"
		}
		if strings.Contains(query, "force=true") {
			name += " force"
		}
		out = append(out, name)
	}
	return out
}

func (w *world) patched(want ...string) {
	w.T.Helper()
	if got := w.patches(); !slices.Equal(got, want) {
		w.T.Fatalf("applied %q, want %q\n%s", got, want, w.Plain())
	}
}

// rules are those that the server has for a role.
func (w *world) standing(name string) binding.Standing {
	w.T.Helper()
	world, err := binding.Read(w.T.Context(), w.deck.Cluster)
	if err != nil {
		w.T.Fatal(err)
	}
	role, _ := rbac.Lookup(name)
	return world.Stand(role)
}

func dry(names ...string) []string {
	out := make([]string, len(names))
	for i, name := range names {
		out[i] = name + " dry"
	}
	return out
}

var inOrder = []string{rbac.RoleListNamespaces, rbac.RoleListVMTemplates, rbac.RoleViewer, rbac.RoleUser, rbac.RolePowerUser, rbac.RoleAdmin}

func TestB1InstallAllThatIsMissing(t *testing.T) {
	inWorld(t, setting{page: matrix, prepare: nothingInstalled}, func(w *world) {
		w.Contains("None of the catalogue's roles is on this cluster", "absent")
		w.Press("I")
		w.patched(dry(inOrder...)...)
		w.Press("tab", "enter")
		w.patched(slices.Concat(dry(inOrder...), dry(inOrder...), inOrder)...)
		w.Contains("installed 6 roles and read back")
		w.Lacks("absent")
		for _, name := range inOrder {
			if got := w.standing(name); got != binding.Same {
				t.Errorf("%s stands %v", name, got)
			}
		}
		var done []string
		for _, e := range w.audit.Entries() {
			done = append(done, fmt.Sprint(e.Action, " ", e.Name, " ", e.User, " ", e.Result, " ", e.DryRun))
		}
		if len(done) != 6 || done[0] != "create ClusterRole/spectro-list-namespaces root accepted false" {
			t.Errorf("audit %q", done)
		}
		w.Pass(10 * time.Second) // until the message before has gone
		w.Press("I")
		w.Contains("all 6 roles of the catalogue are on the cluster")
	})
}

// TestB1InstallSaysThatItIsNotDone: for the question before quitting.
func TestB1InstallSaysThatItIsNotDone(t *testing.T) {
	inWorld(t, setting{page: matrix, prepare: nothingInstalled}, func(w *world) {
		busy := w.page.(shell.Busier).Busy
		w.Press("I")
		if got := busy(); got != "" {
			t.Errorf("busy with a question: %q", got)
		}
		release := w.api.Hang()
		w.Press("tab", "enter")
		if got := busy(); got != "Installing 6 roles is not done yet. What has not begun will be left alone." {
			t.Errorf("busy: %q", got)
		}
		release()
		w.Pass(time.Second)
		if got := busy(); got != "" {
			t.Errorf("busy when all is done: %q", got)
		}
	})
}

func TestB1InstallIsCancelled(t *testing.T) {
	for _, keys := range [][]string{{"esc"}, {"enter"}, {"tab", "tab", "enter"}} {
		inWorld(t, setting{page: matrix, prepare: drifted}, func(w *world) {
			w.Press("I")
			w.Contains("Install the catalogue's roles in context demo?", "- get secrets")
			w.Press(keys...)
			w.patched(rbac.RoleUser + " dry")
			w.Lacks("Install the catalogue's roles in context")
			if len(w.audit.Entries()) != 0 {
				t.Errorf("audit %v", w.audit.Entries())
			}
		})
	}
}

// A key that was typed before the question appeared must not answer it.
func TestB1InstallQuestionIsGuarded(t *testing.T) {
	inWorld(t, setting{page: matrix, prepare: drifted}, func(w *world) {
		w.Keys("I", "tab", "enter")
		w.patched(rbac.RoleUser + " dry")
		w.Contains("Install the catalogue's roles in context demo?")
	})
}

func TestB1WhatOthersKeepIsOverwrittenOnlyOnDemand(t *testing.T) {
	inWorld(t, setting{page: matrix, prepare: keptByOthers}, func(w *world) {
		w.Press("I")
		w.Contains("kept by kubectl-edit", "Overwrite spectro-vm-user too")
		w.Press("tab", "enter") // all but what is kept
		w.patched(rbac.RoleViewer+" dry", rbac.RoleUser+" dry", rbac.RoleViewer+" dry", rbac.RoleViewer)
		if w.standing(rbac.RoleUser) != binding.Differs {
			t.Error("the role was overwritten without asking")
		}
	})
	inWorld(t, setting{page: matrix, prepare: keptByOthers}, func(w *world) {
		w.Press("I")
		w.Press("tab", "tab", "enter") // this server yields to nobody
		w.patched(rbac.RoleViewer+" dry", rbac.RoleUser+" dry", rbac.RoleViewer+" dry", rbac.RoleUser+" dry force")
		w.Contains("Not all was installed", "Nothing was changed.")
	})
}

// A role that somebody changes between preview and confirmation is left alone, and nothing else is done.
func TestB1InstallAfterAChange(t *testing.T) {
	inWorld(t, setting{page: matrix, prepare: drifted}, func(w *world) {
		w.Press("I")
		customized := fakeapi.ClusterRole(rbac.RoleUser, rule("list", "", "pods"))
		w.api.Put(customized)
		w.Press("tab", "enter")
		w.patched(rbac.RoleUser+" dry", rbac.RoleUser+" dry")
		w.Contains("Not all was installed", "somebody has changed it since it was read", "Nothing was changed.")
		if len(w.audit.Entries()) != 1 || w.audit.Last().Result != "failed" || !w.audit.Last().DryRun {
			t.Errorf("audit %+v", w.audit.Entries())
		}
	})
}

func TestB1InstallRefused(t *testing.T) {
	inWorld(t, setting{page: matrix, prepare: drifted, readOnly: "vmdeck was started with --read-only"}, func(w *world) {
		w.Press("I")
		w.Contains("vmdeck was started with --read-only")
		w.patched()
	})
	inWorld(t, setting{page: matrix, as: "bob"}, func(w *world) {
		w.Press("I")
		w.Contains("bob may not install roles", "create clusterroles (rbac.authorization.k8s.io)")
		w.patched()
	})
	author := func(api *fakeapi.Server) {
		drifted(api)
		api.Put(fakeapi.ClusterRole("authors", rule("*", rbac.GroupRBAC, "clusterroles", "clusterrolebindings", "roles", "rolebindings"), rule("list", "", "namespaces")),
			fakeapi.Bound("", "authors", "authors", user("ann")))
	}
	inWorld(t, setting{page: matrix, prepare: author, as: "ann"}, func(w *world) {
		w.Press("I")
		w.Contains("would accept it.") // the star over cluster roles includes the verb escalate
	})
	narrow := func(api *fakeapi.Server) {
		author(api)
		api.Put(fakeapi.ClusterRole("authors", rule("get", rbac.GroupRBAC, "clusterroles"), rule("list", rbac.GroupRBAC, "clusterroles"),
			rule("create", rbac.GroupRBAC, "clusterroles"), rule("patch", rbac.GroupRBAC, "clusterroles")))
	}
	inWorld(t, setting{page: matrix, prepare: narrow, as: "ann"}, func(w *world) {
		w.Press("I")
		w.Contains("The catalogue's roles cannot be installed", "nobody may write a role that grants what they lack", `the verb escalate on clusterroles "spectro-vm-user"`)
		w.Press("esc")
		w.patched(rbac.RoleUser + " dry")
	})
}

func TestRolesLeadElsewhere(t *testing.T) {
	inWorld(t, setting{page: matrix, prepare: customRoles}, func(w *world) {
		w.Press("right", "u", "w", "end", "u")
		want := []any{
			deck.EditRule{Rule: rbac.BindingRule{RoleKind: "ClusterRole", RoleName: rbac.RoleUser}}, deck.ShowWhoCan{Need: "see"},
			deck.EditRule{Rule: rbac.BindingRule{RoleKind: "Role", RoleName: "starter", Namespaces: []string{"team-a"}}},
		}
		if got := fmt.Sprintf("%+v", w.Asked); got != fmt.Sprintf("%+v", want) {
			t.Errorf("said %s, want %+v", got, want)
		}
		w.Press("y")
		if len(w.Copied) != 1 || !strings.Contains(w.Copied[0], "name: starter") || !strings.Contains(w.Copied[0], "virtualmachines/start") {
			t.Errorf("copied %q", w.Copied)
		}
		w.Press("/")
		w.Type("kubevirt")
		w.Press("enter")
		w.Contains("── kubevirt.io:view ─")
	})
	inWorld(t, setting{page: matrix, prepare: nothingInstalled}, func(w *world) {
		w.Press("u")
		w.Contains("is not on this cluster; I installs it")
		if len(w.Asked) != 0 {
			t.Errorf("said %v", w.Asked)
		}
	})
}

// The matrix follows the cluster, and the cursor stays on its role.
func TestB3MatrixFollowsTheCluster(t *testing.T) {
	inWorld(t, setting{page: matrix, prepare: customRoles}, func(w *world) {
		w.Press("end")
		w.Contains("── team-a/starter ─", "See is not permitted: the role lacks list virtualmachines (kubevirt.io).")
		w.api.Put(fakeapi.ClusterRole("a-new-one", rule("*", "*", "*")))
		w.Press("R")
		w.Contains("── team-a/starter ─")
		w.Press("left", "left", "left", "left", "left")
		w.Contains("── a-new-one ─", "See is permitted")
	})
}

// B3: cells come from rules alone, whatever a role is called.
func TestB1B3CellsAreEvaluated(t *testing.T) {
	needs := grouped(binding.Needs())
	world := binding.World{World: rbac.World{Objects: rbac.Objects{Roles: map[rbac.RoleRef]rbac.Rules{}}}}
	imposter := rbac.RoleRef{Kind: rbac.KindClusterRole, Name: rbac.RoleAdmin}
	world.Roles[imposter] = rbac.Rules{rule("list", rbac.GroupKubeVirt, "virtualmachines")}
	world.Roles[rbac.RoleRef{Kind: rbac.KindClusterRole, Name: "nameless"}] = rbac.Rules{rule("*", "*", "*")}
	for _, c := range columnsOf(needs, world) {
		rules := c.rules
		if found, ok := world.Roles[c.ref]; ok {
			rules = found
		}
		for i, need := range needs {
			if c.cells.Grants(i) != rules.AllowsAll(need.Perms) {
				t.Errorf("%s × %s: shown %v", c.ref, need.ID, c.cells.Grants(i))
			}
		}
		if c.ref == imposter && (c.standing != binding.Differs || !c.odd(1) || len(c.less) == 0) {
			t.Errorf("the imposter stands %v", c.standing)
		}
	}
}

func TestActionsHaveGroups(t *testing.T) {
	for id, want := range map[string]string{
		"see": groupSee, "start": groupOperate, "reset": groupOperate, "migrate": groupMove, "cancel-migration": groupMove, "clone": groupCopy, "delete": groupDelete,
	} {
		if need, ok := binding.FindNeed(id); !ok || groupOf(need) != want {
			t.Errorf("%s is in group %q, want %q", id, groupOf(need), want)
		}
	}
	for perm, want := range map[rbac.Permission]string{
		rbac.On("get", rbac.GroupSubresources, "virtualmachineinstances/console"):      groupConsole,
		rbac.On("update", rbac.GroupSubresources, "virtualmachineinstances/addvolume"): groupChange,
		rbac.On("patch", rbac.GroupKubeVirt, "virtualmachines"):                        groupChange,
		rbac.On("create", rbac.GroupKubeVirt, "virtualmachines"):                       groupCreate,
		rbac.On("create", rbac.GroupSnapshot, "virtualmachinesnapshots"):               groupCopy,
		rbac.On("update", rbac.GroupTemplates, "vmtemplates"):                          groupOther,
		rbac.On("get", rbac.GroupSubresources, "virtualmachineinstances/guestosinfo"):  groupSee,
		rbac.On("create", rbac.GroupKubeVirt, "virtualmachineinstancemigrations"):      groupMove,
	} {
		if got := groupOf(rbac.Need{Perms: []rbac.Permission{perm}}); got != want {
			t.Errorf("%s is in group %q, want %q", perm, got, want)
		}
	}
}

// B2: what a person has to know to choose a role is on the screen, the Palette roles that go with it among it.
func TestB2EveryRoleIsExplained(t *testing.T) {
	inWorld(t, setting{page: matrix}, func(w *world) {
		for _, role := range slices.Concat(rbac.Personas(), rbac.EveryUser()) {
			w.Press("enter")
			w.Contains("ClusterRole "+role.Name, role.Title)
			said := strings.Join(strings.Fields(w.Plain()), " ")
			for _, want := range append(slices.Concat(role.Restrictions, role.PaletteRoles), role.Description, role.Reading) {
				if !strings.Contains(said, want) {
					t.Errorf("%s: %q is not said:\n%s", role.Name, want, w.Plain())
				}
			}
			w.Press("esc", "right")
		}
	})
}
