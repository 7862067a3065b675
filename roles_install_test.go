package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"path"
	"slices"
	"strings"
	"sync"
	"testing"

	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/client-go/rest"

	"vmdeck.dev/vmdeck/kube"
	"vmdeck.dev/vmdeck/kube/binding"
	"vmdeck.dev/vmdeck/rbac"
)

// roleServer is an API server that has cluster roles and nothing else.
type roleServer struct {
	mu     sync.Mutex
	roles  map[string]rbacv1.ClusterRole
	writes []string // names, with "force" where others are overruled
	refuse string   // text of a conflict for writes that are not forced
}

func (s *roleServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	answer := func(code int, v any) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(code)
		_ = json.NewEncoder(w).Encode(v)
	}
	status := func(code int, reason, text string) {
		answer(code, map[string]any{"kind": "Status", "apiVersion": "v1", "status": "Failure", "code": code, "reason": reason, "message": text})
	}
	name, force := path.Base(r.URL.Path), r.URL.Query().Get("force") == "true"
	role, found := s.roles[name]
	switch {
	case r.Method == http.MethodPatch && s.refuse != "" && !force:
		status(http.StatusConflict, "Conflict", s.refuse)
	case r.Method == http.MethodPatch:
		_ = json.NewDecoder(r.Body).Decode(&role)
		if r.URL.Query().Get("dryRun") == "" {
			s.roles[name] = role
			s.writes = append(s.writes, strings.TrimSpace(name+map[bool]string{true: " force"}[force]))
		}
		answer(http.StatusOK, role)
	case found:
		role.APIVersion, role.Kind = "rbac.authorization.k8s.io/v1", "ClusterRole"
		answer(http.StatusOK, role)
	case strings.HasPrefix(name, "spectro-"):
		status(http.StatusNotFound, "NotFound", fmt.Sprintf("clusterroles %q not found", name))
	default:
		answer(http.StatusOK, map[string]any{"kind": "List", "apiVersion": "v1", "items": []any{}})
	}
}

// keeper connects to the server as a keeper without an audit log.
func (s *roleServer) keeper(t *testing.T) *binding.Keeper {
	t.Helper()
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	cluster, err := kube.Connect(t.Context(), &rest.Config{Host: server.URL, ContentConfig: rest.ContentConfig{ContentType: "application/json"}}, kube.Target{Context: "demo"})
	if err != nil {
		t.Fatal(err)
	}
	return &binding.Keeper{Cluster: cluster}
}

func installed(t *testing.T, except ...string) *roleServer {
	t.Helper()
	s := &roleServer{roles: map[string]rbacv1.ClusterRole{}}
	for _, role := range rbac.Catalogue() {
		if !slices.Contains(except, role.Name) {
			s.roles[role.Name] = *role.Object
		}
	}
	return s
}

func TestB1RolesInstall(t *testing.T) {
	yes := func() (bool, error) { return true, nil }
	no := func() (bool, error) { return false, nil }
	noTerminal := func() (bool, error) { return false, errors.New("standard input is no terminal") }
	drifted := func(s *roleServer) {
		role := s.roles[rbac.RoleUser]
		role.Rules = role.Rules[:1]
		s.roles[rbac.RoleUser], s.refuse = role, `Apply failed with 1 conflict: conflict with "kubectl-edit" using rbac.authorization.k8s.io/v1: .rules`
	}
	for _, tt := range []struct {
		name    string
		missing []string
		prepare func(*roleServer)
		flags   installFlags
		ask     func() (bool, error)
		writes  []string
		said    []string
		err     string
	}{
		{name: "nothing to do", ask: noTerminal, said: []string{"= ClusterRole spectro-vm-admin grants what the catalogue says", "Nothing to do."}},
		{name: "a missing one, confirmed", missing: []string{rbac.RoleViewer}, ask: yes, writes: []string{rbac.RoleViewer},
			said: []string{"+ ClusterRole spectro-vm-viewer is not on the cluster", "create ClusterRole spectro-vm-viewer: the server would accept it.", "create ClusterRole spectro-vm-viewer: done, and read back."}},
		{name: "not confirmed", missing: []string{rbac.RoleViewer}, ask: no},
		{name: "no terminal", missing: []string{rbac.RoleViewer}, ask: noTerminal, err: "no terminal"},
		{name: "--yes asks nobody", missing: rbac.Names(), flags: installFlags{yes: true}, ask: noTerminal,
			writes: []string{rbac.RoleListNamespaces, rbac.RoleListVMTemplates, rbac.RoleViewer, rbac.RoleUser, rbac.RolePowerUser, rbac.RoleAdmin}},
		{name: "--dry-run", missing: []string{rbac.RoleViewer}, flags: installFlags{dryRun: true, yes: true}, ask: yes, said: []string{"the server would accept it"}},
		{name: "kept by somebody else", prepare: drifted, flags: installFlags{yes: true}, ask: yes,
			said: []string{"~ ClusterRole spectro-vm-user differs", "adds: update virtualmachines/start", "left alone, because its rules are kept by kubectl-edit"}, err: "--overwrite takes them over"},
		{name: "--overwrite", prepare: drifted, flags: installFlags{yes: true, overwrite: true}, ask: yes, writes: []string{rbac.RoleUser + " force"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			server := installed(t, tt.missing...)
			if tt.prepare != nil {
				tt.prepare(server)
			}
			var out bytes.Buffer
			err := installRoles(context.Background(), server.keeper(t), tt.flags, &out, tt.ask)
			if tt.err == "" && err != nil || tt.err != "" && (err == nil || !strings.Contains(err.Error(), tt.err)) {
				t.Errorf("error %v, want %q", err, tt.err)
			}
			if !slices.Equal(server.writes, tt.writes) {
				t.Errorf("wrote %q, want %q", server.writes, tt.writes)
			}
			for _, want := range tt.said {
				if !strings.Contains(out.String(), want) {
					t.Errorf("said\n%s\nwant %q", out.String(), want)
				}
			}
		})
	}
}

func TestB1RolesInstallReadOnly(t *testing.T) {
	server := installed(t, rbac.RoleViewer)
	keeper := server.keeper(t)
	keeper.ReadOnly = "the configuration makes this context read-only"
	if err := installRoles(t.Context(), keeper, installFlags{yes: true}, &bytes.Buffer{}, nil); err == nil || !strings.Contains(err.Error(), "read-only") || server.writes != nil {
		t.Errorf("read-only: %v, wrote %q", err, server.writes)
	}
}

func TestConfirmedTakesOnlyAClearYes(t *testing.T) {
	for answer, want := range map[string]bool{"y\n": true, "Yes\n": true, "\n": false, "": false, "n\n": false, "yellow\n": false} {
		if got, err := confirmed(strings.NewReader(answer), &bytes.Buffer{}); got != want || err != nil {
			t.Errorf("%q: %v, %v", answer, got, err)
		}
	}
}

func TestRolesInstallRefusesArguments(t *testing.T) {
	if _, err := vmdeck(t, "roles", "install", "spectro-vm-user"); err == nil || !strings.Contains(err.Error(), "takes no arguments") {
		t.Errorf("an argument: %v", err)
	}
}
