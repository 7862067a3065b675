package profiles

import (
	"fmt"
	"strings"
	"time"

	"vmdeck.dev/vmdeck/kube"
	"vmdeck.dev/vmdeck/kube/profile"
	"vmdeck.dev/vmdeck/kube/profile/apply"
	"vmdeck.dev/vmdeck/kube/profile/pack"
	"vmdeck.dev/vmdeck/ui/sheet"
	"vmdeck.dev/vmdeck/ui/text"
	"vmdeck.dev/vmdeck/ui/theme"
	"vmdeck.dev/vmdeck/views/look"
)

// packValue is what was filled in for a need, in one line.
func packValue(l profile.Layer, need pack.Need) (string, bool) {
	value, found := pack.Lookup(l.Values, need.At())
	return pack.Show(value), found
}

// stateLook says how a profile, a layer or an object is, in a symbol and words.
func stateLook(th *theme.Theme, s apply.State) look.Look {
	g := th.Glyphs
	l := look.Look{Text: s.String()}
	switch s {
	case apply.Running:
		l.Glyph, l.Tone = g.Dot, theme.Good
	case apply.Updating:
		l.Glyph, l.Tone = g.Half, theme.Warn
	case apply.Drifted:
		l.Glyph, l.Tone = g.Warn, theme.Warn
	case apply.Failing:
		l.Glyph, l.Tone = g.Cross, theme.Bad
	case apply.Unknown:
		l.Glyph, l.Tone = g.Warn, theme.Dim
	default:
		l.Glyph, l.Tone = g.Ring, theme.Dim
	}
	return l
}

// cluster says how the profile is on the cluster, layer by layer and object by object.
func (d *detail) cluster(s *sheet.Sheet) {
	status := d.stand.status
	switch {
	case d.row.ref.Version == "":
		s.Para(0, sheet.Dim("Without a name that can be read nothing can be found."))
		return
	case kube.Classify(d.stand.err) == kube.KindForbidden && status == nil:
		s.Item(s.Theme.Glyphs.Warn, theme.Warn, sheet.Warn("What of it is on the cluster is not known: "+secretsNeeded+"."))
		return
	case d.stand.err != nil && status == nil:
		s.Item(s.Theme.Glyphs.Warn, theme.Bad, sheet.Bad(d.stand.err.Error()))
		s.Para(2, sheet.Dim("R tries again."))
		return
	case status == nil:
		s.Para(0, sheet.Dim("Reading the releases and their objects"+s.Theme.Glyphs.Ellipsis))
		return
	}
	l := stateLook(s.Theme, status.State)
	words := status.State.String()
	if why := strings.TrimSuffix(status.Text, ": "); why != "" {
		words += ": " + why
	}
	s.Item(l.Glyph, l.Tone, sheet.Words{Text: words, Tone: l.TextTone()})
	for _, note := range status.Notes {
		s.Item(s.Theme.Glyphs.Warn, theme.Warn, sheet.Warn(note))
	}
	if status.Version == "" && len(status.Layers) == 0 {
		s.Para(2, sheet.Dim("Nothing of this profile is on the cluster. a compares it and applies it."))
		return
	}
	d.standing(s, status)
	for _, layer := range status.Layers {
		d.release(s, layer)
	}
	d.revisions(s, status)
}

func (d *detail) standing(s *sheet.Sheet, status *apply.Status) {
	fields := []sheet.Field{sheet.One("version", orUnknown(status.Version)), sheet.One("revision", fmt.Sprint(status.Revision))}
	if status.Version != d.row.ref.Version {
		fields[0] = sheet.Of("version", sheet.Warn(orUnknown(status.Version)+", and not "+d.row.ref.Version))
	}
	if held := status.Held; held != nil {
		fields = append(fields, sheet.Of("changed by", sheet.Warn(fmt.Sprintf("%s since %s: %s", held.Holder, held.Since.Local().Format(time.TimeOnly), held.Action))))
	}
	s.Gap()
	s.Fields(append(fields, sheet.One("read", text.Age(max(time.Since(d.at), 0))+" ago")))
}

// release says how one layer is.
func (d *detail) release(s *sheet.Sheet, layer apply.LayerStatus) {
	l := stateLook(s.Theme, layer.State)
	s.Heading(layer.Release + "  " + layer.Version)
	words := l.Text
	if layer.Text != "" {
		words += ": " + layer.Text
	}
	s.Item(l.Glyph, l.Tone, sheet.Words{Text: words, Tone: l.TextTone()})
	s.Para(2, sheet.Dim(fmt.Sprintf("namespace %s, Helm's revision %d (%s), %s", layer.Namespace, layer.Revision, layer.Helm, stamp(layer.Updated))))
	for _, o := range layer.Objects {
		l := stateLook(s.Theme, o.State)
		words := sheet.Words{Text: o.Object.String(), Tone: l.TextTone()}
		if o.State != apply.Running {
			words.Text += ": " + strings.ToLower(l.Text)
		}
		if o.Text != "" {
			words.Text += ", " + o.Text
		}
		s.Item(text.Spaces(2)+l.Glyph, l.Tone, words)
	}
}

func (d *detail) revisions(s *sheet.Sheet, status *apply.Status) {
	if len(status.Revisions) == 0 {
		return // the first one is still being made
	}
	s.Heading("Revisions")
	var records []sheet.Record
	for _, r := range status.Revisions {
		note := sheet.Dim("")
		if r.Number == status.Revision {
			note = sheet.Plain("now")
		}
		records = append(records, sheet.Record{Cells: []sheet.Words{sheet.Plain(fmt.Sprint(r.Number)), sheet.Plain(r.Version), sheet.Dim(stamp(r.Time)), note}})
	}
	s.Table([]sheet.Column{{Title: "REVISION", Right: true}, {Title: "VERSION"}, {Title: "APPLIED"}, {}}, records)
	if len(revisionItems(status)) > 0 {
		s.Para(2, sheet.Dim("b goes back to one of them, after the difference was shown."))
	}
}
