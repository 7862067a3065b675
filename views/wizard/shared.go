package wizard

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"vmdeck.dev/vmdeck/kube/profile"
	"vmdeck.dev/vmdeck/kube/profile/pack"
)

// withNamespaces is the layer of the pack that makes namespaces for VMs; nil: none does.
func withNamespaces(r profile.Resolved) *profile.Layer {
	for i := range r.Layers {
		if _, there := pack.Lookup(r.Layers[i].Values, profile.VMNamespacesAt); there {
			return &r.Layers[i]
		}
	}
	return nil
}

// follower is a pack that shares a choice with another one, with the values that it gets by that.
type follower struct {
	name         string
	base, values pack.Values
	said         string
}

// shared works out what a change in one pack means for the others: packs that have the same group of presets, such as Access, are two ends
// of one choice, and what has to be filled in for it under the same name is the same value.
func shared(r profile.Resolved, name string, before, after pack.Values) []follower {
	l := r.Layer(name)
	if l == nil {
		return nil
	}
	was, is := l.Pack.Active(before), l.Pack.Active(after)
	var out []follower
	for _, other := range r.Layers {
		if other.Ref.Name == name {
			continue
		}
		v, said := other.Values, []string(nil)
		for _, g := range l.Pack.Groups() {
			preset := is[g.Name]
			if preset == "" || preset == was[g.Name] || other.Pack.Active(v)[g.Name] == preset {
				continue
			}
			if chosen, err := other.Pack.Choose(v, g.Name, preset); err == nil {
				v = chosen
				said = append(said, g.Name)
			}
		}
		for _, need := range l.Pack.Needs(after) {
			v = copied(other.Pack, v, need, before, after)
		}
		if reflect.DeepEqual(v, other.Values) {
			continue
		}
		words := fmt.Sprintf("%s has the same values.", other.Pack.DisplayName)
		if len(said) > 0 {
			words = fmt.Sprintf("%s follows: %s is one choice for the profile.", other.Pack.DisplayName, strings.Join(said, " and "))
		}
		out = append(out, follower{other.Ref.Name, other.Base, v, words})
	}
	return out
}

// copied fills in for another pack what both need, unless that was set otherwise there.
func copied(other *pack.Pack, v pack.Values, need pack.Need, before, after pack.Values) pack.Values {
	if !slices.ContainsFunc(other.Needs(v), func(n pack.Need) bool { return n.Path == need.Path }) {
		return v
	}
	value, _ := pack.Lookup(after, need.At())
	was, _ := pack.Lookup(before, need.At())
	has, _ := pack.Lookup(v, need.At())
	if has != nil && has != "" && !reflect.DeepEqual(has, was) || reflect.DeepEqual(has, value) || value == nil {
		return v
	}
	return pack.Set(v, need.At(), value)
}

// setValues keeps in the draft what a pack's values have otherwise than its base, wherever that was said but in the pack's editor, which
// begins anew. It reports whether that changed anything.
func (p *Page) setValues(name string, v, base pack.Values) bool {
	changed := p.writeValues(name, v, base)
	if changed {
		delete(p.editors, name)
	}
	return changed
}

func (p *Page) writeValues(name string, v, base pack.Values) bool {
	ref, at := p.draft.profile().Pack(name)
	if at < 0 {
		return false
	}
	over := pack.Overrides(base, v)
	if len(over) == 0 {
		return p.setOverrides(name, "")
	}
	if now, err := pack.ParseValues(ref.Values); err == nil && reflect.DeepEqual(now, over) {
		return false
	}
	text, err := pack.Rewrite(ref.Values, over)
	if err != nil {
		text, err = pack.Rewrite("", over)
	}
	return err == nil && p.setOverrides(name, text)
}

// setOverrides keeps a pack's values in the draft as YAML.
func (p *Page) setOverrides(name, text string) bool {
	refs := p.draft.profile().Packs
	i := slices.IndexFunc(refs, func(r profile.PackRef) bool { return r.Name == name })
	if i < 0 || refs[i].Values == text {
		return false
	}
	refs[i].Values = text
	p.draft.Packs = refs
	return true
}
