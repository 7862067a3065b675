package wizard

import (
	"vmdeck.dev/vmdeck/kube/profile"
	"vmdeck.dev/vmdeck/kube/profile/pack"
	"vmdeck.dev/vmdeck/ui/choose"
	"vmdeck.dev/vmdeck/ui/text"
)

// types are those that are always there, and others that occur.
func (c *chooser) types() []choose.Item {
	out := []choose.Item{
		{ID: pack.TypeSystemApp, Title: pack.TypeSystemApp, Desc: "what makes a cluster a platform for VMs"},
		{ID: pack.TypeAuthentication, Title: pack.TypeAuthentication, Desc: "how users and clusters are reached and known"},
		{ID: pack.TypeHelm, Title: pack.TypeHelm, Desc: "any other chart"},
	}
	known := map[string]bool{pack.TypeSystemApp: true, pack.TypeAuthentication: true, pack.TypeHelm: true}
	for _, s := range c.page.shelves {
		for _, sum := range s.packs {
			if sum.Type != "" && !known[sum.Type] {
				known[sum.Type] = true
				out = append(out, choose.Item{ID: sum.Type, Title: sum.Type})
			}
		}
	}
	return out
}

// ofType are the packs of a registry that are of the type that was chosen.
func (c *chooser) ofType(s *shelf) []pack.Summary {
	var out []pack.Summary
	for _, sum := range s.packs {
		if sum.Type == c.chosen[levelType] || sum.Type == "" && c.chosen[levelType] == pack.TypeHelm {
			out = append(out, sum)
		}
	}
	return out
}

func (c *chooser) registries() []choose.Item {
	var out []choose.Item
	for _, s := range c.page.shelves {
		it := choose.Item{ID: s.registry.Name(), Title: s.registry.Name(), Desc: s.registry.Where()}
		switch {
		case s.err != nil:
			it.Off, it.Reason = true, s.err.Error()
		case s.loading || !s.asked:
			it.Right = "asking" + c.page.th.Glyphs.Ellipsis
		default:
			it.Right = text.Count(len(c.ofType(s)), "pack")
		}
		out = append(out, it)
	}
	return out
}

func (c *chooser) shelf() *shelf {
	for _, s := range c.page.shelves {
		if s.registry.Name() == c.chosen[levelRegistry] {
			return s
		}
	}
	return nil
}

func (c *chooser) packs() []choose.Item {
	s := c.shelf()
	if s == nil {
		return nil
	}
	var out []choose.Item
	for _, sum := range c.ofType(s) {
		it := choose.Item{ID: sum.Name, Title: sum.DisplayName, Desc: sum.Description}
		if it.Title == "" {
			it.Title = sum.Name
		}
		if len(sum.Versions) > 0 {
			it.Right = sum.Versions[0]
		}
		if sum.Problem != nil {
			it.Off, it.Reason = true, sum.Problem.Error()
		} else if _, at := c.page.draft.profile().Pack(sum.Name); at >= 0 {
			it.Off, it.Reason = true, "is in the profile; v there changes its version"
		}
		out = append(out, it)
	}
	return out
}

// oldest is the oldest version of a pack that this platform is made with.
var oldest = map[string]string{"virtual-machine-orchestrator": "1.0.0", "spectro-vm-dashboard": "3.1.0"}

func (c *chooser) versions() []choose.Item {
	s := c.shelf()
	if s == nil {
		return nil
	}
	name := c.chosen[levelPack]
	now, _ := c.page.draft.profile().Pack(name)
	var out []choose.Item
	for _, sum := range s.packs {
		if sum.Name != name {
			continue
		}
		for i, v := range sum.Versions {
			it := choose.Item{ID: v, Title: v}
			if i == 0 {
				it.Desc = "the newest"
			}
			if v == now.Version {
				it.Right = "in the profile"
			}
			if least := oldest[name]; least != "" && profile.CompareVersions(v, least) < 0 {
				it.Off, it.Reason = true, "is too old: "+least+" or newer is needed"
			}
			out = append(out, it)
		}
	}
	return out
}
