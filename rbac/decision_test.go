package rbac

import (
	"errors"
	"slices"
	"testing"
)

func TestPermissionString(t *testing.T) {
	named := On("bind", GroupRBAC, "clusterroles")
	named.Name = "edit"
	for want, p := range map[string]Permission{
		"update virtualmachines/start (subresources.kubevirt.io)":           On("update", GroupSubresources, "virtualmachines/start"),
		"update virtualmachines/evacuate/cancel (subresources.kubevirt.io)": On("update", GroupSubresources, "virtualmachines/evacuate/cancel"),
		"list namespaces": On("list", GroupCore, "namespaces"),
		`bind clusterroles "edit" (rbac.authorization.k8s.io)`: named,
	} {
		if got := p.String(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestDeep(t *testing.T) {
	for in, want := range map[string][]string{
		"virtualmachines":                        {"virtualmachines"},
		"virtualmachines/start":                  {"virtualmachines/start"},
		"virtualmachineinstances/vnc/screenshot": {"virtualmachineinstances/vnc", "virtualmachineinstances/vnc/screenshot"},
	} {
		var got []string
		for _, p := range Deep("get", GroupSubresources, in) {
			got = append(got, p.ResourcePath())
		}
		if !slices.Equal(got, want) {
			t.Errorf("Deep(%s) = %v, want %v", in, got, want)
		}
	}
}

func TestDenyReason(t *testing.T) {
	d := Deny("team-a", Deep("update", GroupSubresources, "virtualmachines/evacuate/cancel")...)
	want := "needs update virtualmachines/evacuate and update virtualmachines/evacuate/cancel in team-a"
	if d.Reason != want {
		t.Errorf("reason %q, want %q", d.Reason, want)
	}
	if !slices.Equal(d.Grants, []string{RolePowerUser, RoleAdmin}) {
		t.Errorf("grants %v", d.Grants)
	}
	if got := Deny("", On("list", "", "nodes")).Reason; got != "needs list nodes cluster-wide" {
		t.Errorf("reason %q", got)
	}
}

func TestCombine(t *testing.T) {
	start, migrate := On("update", GroupSubresources, "virtualmachines/start"), On("update", GroupSubresources, "virtualmachines/migrate")
	failed := errors.New("no route")
	deny, denyOther := Deny("a", migrate), Deny("b", start)
	tests := []struct {
		name        string
		parts       []Decision
		want        Verdict
		wantMissing []Permission
		wantNS      string
		wantErr     error
	}{
		{"nothing needed", nil, Allowed, nil, "", nil},
		{"all allowed", []Decision{Allow("a"), Allow("a")}, Allowed, nil, "a", nil},
		{"unknown outweighs allowed", []Decision{Allow("a"), Pending("a", []Permission{start}, failed)}, Unknown, []Permission{start}, "a", failed},
		{"denied outweighs unknown", []Decision{Pending("a", []Permission{start}, failed), deny, Allow("a")}, Denied, []Permission{migrate}, "a", nil},
		{"denied first", []Decision{deny, Pending("a", []Permission{start}, failed)}, Denied, []Permission{migrate}, "a", nil},
		{"two namespaces", []Decision{deny, denyOther}, Denied, []Permission{migrate, start}, "", nil},
		{"once each", []Decision{deny, deny}, Denied, []Permission{migrate}, "a", nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			d := Combine(tt.parts...)
			if d.Verdict != tt.want || !slices.Equal(d.Missing, tt.wantMissing) || d.Namespace != tt.wantNS || d.Err != tt.wantErr {
				t.Errorf("got %+v", d)
			}
			if (d.Reason == "") != (tt.want == Allowed) {
				t.Errorf("reason %q for %v", d.Reason, d.Verdict)
			}
			if (len(d.Grants) > 0) != (tt.want == Denied) {
				t.Errorf("grants %v for %v", d.Grants, d.Verdict)
			}
		})
	}
}
