package profiles

import (
	"fmt"
	"strings"
	"time"

	"vmdeck.dev/vmdeck/kube/profile"
	"vmdeck.dev/vmdeck/ui/pager"
	"vmdeck.dev/vmdeck/ui/sheet"
	"vmdeck.dev/vmdeck/ui/text"
	"vmdeck.dev/vmdeck/ui/theme"
)

// draw makes the lines of the sub-tab anew when what they are made from has changed.
func (d *detail) draw() {
	if d.drawn || d.w <= 0 {
		return
	}
	d.drawn = true
	s := &sheet.Sheet{Theme: d.root.th, Width: max(d.w-2, 1)}
	title := ""
	switch d.part {
	case partOverview:
		d.overview(s)
		title = d.summary()
	case partCluster:
		d.cluster(s)
		title = "On " + d.root.deck.Cluster.Target().Context
	case partYAML:
		s.Lines, title = d.yaml()
	}
	d.pagers[d.part].SetTitle(text.Clean(title))
	d.pagers[d.part].SetLines(s.Lines)
}

// summary is the line above the overview: whether the profile can be applied.
func (d *detail) summary() string {
	switch r := d.row; {
	case r.stored == nil:
		return "On the cluster, and not kept any more"
	case r.stored.Err != nil:
		return "Cannot be used"
	case d.found == nil:
		return "Reading its packs" + d.root.th.Glyphs.Ellipsis
	case d.found.err != nil:
		return "Its packs could not be looked up"
	case len(d.found.problems) > 0:
		return text.Count(len(d.found.problems), "problem") + " to solve before it can be applied"
	}
	if len(d.row.uses) > 0 {
		return "Applied to this cluster"
	}
	return "Ready to be applied"
}

func (d *detail) overview(s *sheet.Sheet) {
	d.problems(s)
	p := d.row.ref
	fields := []sheet.Field{sheet.One("name", p.Name), sheet.One("version", p.Version)}
	if d.row.usable() {
		value := d.row.stored.Value
		fields = append(fields, sheet.One("type", value.Type))
		if value.Description != "" {
			fields = append(fields, sheet.One("description", value.Description))
		}
		fields = append(fields, sheet.One("kept in", d.root.keeper().Profiles.Where()))
	}
	fields = append(fields, sheet.Of("on cluster", d.onCluster()...))
	if d.found != nil {
		if names := d.found.resolved.VMNamespaces(); len(names) > 0 {
			fields = append(fields, sheet.One("VM namespaces", strings.Join(names, ", ")))
		}
	}
	s.Heading("Profile")
	s.Fields(fields)
	if d.row.usable() {
		d.layers(s)
	}
}

// problems says first what keeps the profile from being used, then what is worth a second look.
func (d *detail) problems(s *sheet.Sheet) {
	g := s.Theme.Glyphs
	switch r := d.row; {
	case r.stored == nil:
		s.Item(g.Warn, theme.Warn, sheet.Warn("The cluster has this version, and it is not kept in "+d.root.keeper().Profiles.Where()+". It can be rolled back and removed, and not applied again."))
	case r.stored.Err != nil:
		s.Item(g.Warn, theme.Bad, sheet.Bad("What is kept cannot be used: "+r.stored.Err.Error()))
		mend := "kubectl edit clusterprofile " + r.stored.Name + " mends it; " + listKeys.Binding(keyDelete).Keys[0] + " deletes it."
		if len(profile.Creating(d.root.keeper().Profiles)) == 0 {
			mend = "Mend the file, or delete it."
		}
		s.Para(2, sheet.Dim(mend))
	}
	if d.found == nil {
		return
	}
	if d.found.err != nil {
		s.Item(g.Warn, theme.Bad, sheet.Bad(d.found.err.Error()))
	}
	for _, problem := range d.found.problems {
		s.Item(g.Warn, theme.Bad, sheet.Bad(problem.Text))
	}
	for _, warning := range d.found.resolved.Warnings() {
		s.Item(g.Warn, theme.Warn, sheet.Warn(warning))
	}
}

// onCluster says which version this cluster has, and since when.
func (d *detail) onCluster() []sheet.Words {
	r := d.row
	words := []sheet.Words{{Text: standText(r), Tone: standLook(d.root.th, r).TextTone()}}
	if at := r.since(); !at.IsZero() {
		words[0].Text += ", since " + stamp(at)
	}
	for _, u := range r.uses {
		words = append(words, sheet.Dim(u.String()))
	}
	return words
}

// stamp is a moment as a date and time.
func stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Local().Format("2006-01-02 15:04")
}

// layers lists what the profile puts on a cluster, in the order in which that happens.
func (d *detail) layers(s *sheet.Sheet) {
	value := d.row.stored.Value
	s.Heading(fmt.Sprintf("Layers (%d), in the order of installation", len(value.Manifests)+len(value.Packs)))
	if len(value.Manifests)+len(value.Packs) == 0 {
		s.Para(2, sheet.Dim("none yet"))
	}
	for i, m := range value.Manifests {
		d.manifest(s, i+1, m)
	}
	shown := map[string]bool{}
	number := len(value.Manifests)
	if d.found != nil {
		for _, v := range d.found.resolved.Review() {
			number++
			shown[v.Layer.Ref.Name] = true
			d.layer(s, number, v)
		}
	}
	for _, ref := range value.Packs {
		if shown[ref.Name] {
			continue
		}
		number++
		d.title(s, number, ref.Name+" "+ref.Version, "")
		what := "its pack could not be read"
		if d.found == nil {
			what = "reading its pack" + s.Theme.Glyphs.Ellipsis
		}
		s.Fields(append(packFields(ref, ref.Namespace), sheet.Of("settings", sheet.Dim(what))))
	}
}

// title begins a layer.
func (d *detail) title(s *sheet.Sheet, number int, name, aside string) {
	s.Gap()
	th := s.Theme
	line := fmt.Sprintf("%2d  ", number) + th.Paint(theme.Strong, text.Truncate(text.Clean(name), max(s.Width-4, 1), th.Glyphs.Ellipsis))
	if aside = text.Clean(aside); aside != "" && text.Width(line)+2+text.Width(aside) <= s.Width {
		line += "  " + th.Paint(theme.Dim, aside)
	}
	s.Raw(line)
}

func (d *detail) manifest(s *sheet.Sheet, number int, m profile.Manifest) {
	d.title(s, number, m.Name, "manifest")
	var fields []sheet.Field
	switch {
	case m.URL != "":
		fields = append(fields, sheet.One("from", m.URL))
	case m.File != "":
		fields = append(fields, sheet.One("file", m.File))
	default:
		fields = append(fields, sheet.One("content", text.Count(strings.Count(strings.TrimRight(m.Content, "\n"), "\n")+1, "line")+" of YAML in the profile"))
	}
	if m.SHA256 != "" {
		fields = append(fields, sheet.One("sha256", m.SHA256))
	}
	if m.UnlessServed != "" {
		fields = append(fields, sheet.One("left out", "where the cluster serves "+m.UnlessServed+" already"))
	}
	s.Fields(fields)
}

func packFields(ref profile.PackRef, namespace string) []sheet.Field {
	fields := []sheet.Field{sheet.One("registry", ref.Registry)}
	if namespace != "" {
		fields = append(fields, sheet.One("namespace", namespace))
	}
	if ref.RequiredBy != "" {
		fields = append(fields, sheet.One("needed by", ref.RequiredBy+", which brought it along"))
	}
	return fields
}

// layer says of a pack what was chosen, and what of it is not the default.
func (d *detail) layer(s *sheet.Sheet, number int, v profile.Review) {
	l := v.Layer
	d.title(s, number, l.Pack.DisplayName+" "+l.Ref.Version, l.Pack.Type)
	fields := packFields(l.Ref, l.Namespace)
	for _, c := range v.Choices {
		words := sheet.Plain(orByHand(c.Preset))
		switch {
		case c.IsDefault:
			words.Text += " (default)"
		case c.Default != "":
			words = sheet.Warn(words.Text + " (default: " + c.Default + ")")
		}
		fields = append(fields, sheet.Of(c.Group, words))
	}
	for _, need := range v.Filled {
		value, _ := packValue(l, need)
		fields = append(fields, sheet.One(need.Title, value))
	}
	for _, need := range v.Open {
		fields = append(fields, sheet.Of(need.Title, sheet.Bad("still to be filled in ("+need.Path+")")))
	}
	changes := sheet.Field{Key: "changed"}
	for _, c := range v.Changes {
		changes.Values = append(changes.Values, sheet.Warn(s.Theme.Glyphs.Arrows(c.String())))
	}
	if len(v.Changes) == 0 {
		changes.Values = []sheet.Words{sheet.Dim("nothing: the defaults are left")}
	}
	s.Fields(append(fields, changes))
}

func orByHand(preset string) string {
	if preset == "" {
		return "set by hand"
	}
	return preset
}

// yaml is the profile as a manifest.
func (d *detail) yaml() ([]pager.Line, string) {
	if !d.row.usable() {
		return []pager.Line{pager.Plain("What cannot be read has no YAML here.")}, "No YAML"
	}
	data, err := d.row.stored.Value.Manifest()
	if err != nil {
		return []pager.Line{pager.Plain(err.Error())}, "No YAML"
	}
	return pager.YAML(string(data), d.root.th), "As vmdeck profile create -f and kubectl apply take it"
}
