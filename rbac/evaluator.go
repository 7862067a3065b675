package rbac

import (
	"cmp"
	"slices"
	"strings"
)

// evaluator finds which needs the objects grant to many subjects in many places. Few sets of roles are held by many, so each set is
// looked at once.
type evaluator struct {
	objects Objects
	needs   []Need
	known   map[string][]string // by the names of the roles
}

// holding is which roles somebody has, by namespace; the empty one is for those that count everywhere.
type holding struct {
	by     *evaluator
	master bool
	roles  map[string][]RoleRef
}

// of finds somebody's roles.
func (e *evaluator) of(w Who) holding {
	h := holding{by: e, master: w.Master(), roles: map[string][]RoleRef{}}
	for _, b := range e.objects.Bindings {
		if slices.ContainsFunc(b.Subjects, w.Is) {
			h.roles[b.Namespace] = append(h.roles[b.Namespace], b.Role)
		}
	}
	return h
}

// in lists the needs that are granted in a namespace; an empty one means cluster-wide.
func (h holding) in(namespace string) []string {
	roles := slices.Clone(h.roles[""])
	if namespace != "" {
		roles = append(roles, h.roles[namespace]...)
	}
	slices.SortFunc(roles, func(a, b RoleRef) int { return cmp.Compare(a.String(), b.String()) })
	roles = slices.Compact(roles)
	var key strings.Builder
	if h.master {
		key.WriteString(groupMasters)
	}
	for _, role := range roles {
		key.WriteString("\x00" + role.String())
	}
	ids, known := h.by.known[key.String()]
	if !known {
		ids = Granted(h.by.needs, h.rules(roles))
		if h.by.known == nil {
			h.by.known = map[string][]string{}
		}
		h.by.known[key.String()] = ids
	}
	return ids
}

func (h holding) rules(roles []RoleRef) Rules {
	var out Rules
	if h.master {
		out = slices.Clone(everything)
	}
	for _, role := range roles {
		out = append(out, h.by.objects.Roles[role]...)
	}
	return out
}
