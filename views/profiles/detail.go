package profiles

import (
	"context"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"vmdeck.dev/vmdeck/kube"
	"vmdeck.dev/vmdeck/kube/profile"
	"vmdeck.dev/vmdeck/kube/profile/apply"
	"vmdeck.dev/vmdeck/ui/pager"
	"vmdeck.dev/vmdeck/ui/sheet"
	"vmdeck.dev/vmdeck/ui/shell"
	"vmdeck.dev/vmdeck/ui/text"
	"vmdeck.dev/vmdeck/ui/theme"
	"vmdeck.dev/vmdeck/views/deck"
)

// part is one of the sub-tabs of a profile's page.
type part int

const (
	partOverview part = iota
	partCluster
	partYAML
	partCount
)

var partTitles = [partCount]string{"Overview", "On this cluster", "YAML"}

// detail is the page of one version of a profile. It implements shell.Page.
type detail struct {
	root *Page
	row  *row // as it was read last
	gone bool

	found *resolution // nil: its packs were not read yet
	stand standing    // how it is on the cluster; at says whether that was read
	at    time.Time
	asked time.Time // when the last reading began; zero: none is under way

	part    part
	pagers  [partCount]*pager.Model
	drawn   bool // the lines of the part are those of what is known
	w       int
	seen    bool // since the last tick
	changed bool
}

// resolution is a profile with its packs, and what is wrong with it.
type resolution struct {
	version  string // of the stored profile
	resolved profile.Resolved
	problems []profile.Problem
	err      error // why nothing could be looked up
}

func (p *Page) openRow(r *row) tea.Cmd {
	d := &detail{root: p, row: r}
	for i := range d.pagers {
		d.pagers[i] = pager.New(p.th, "")
	}
	return shell.Push(d)
}

// Init implements shell.Page.
func (d *detail) Init() tea.Cmd { return tea.Batch(d.resolve(), d.read()) }

// Title implements shell.Page.
func (d *detail) Title() string { return d.row.title() }

// Capturing implements shell.Page.
func (d *detail) Capturing() bool { return d.pagers[d.part].Capturing() }

// Escape implements shell.Escaper.
func (d *detail) Escape() bool { return d.pagers[d.part].Escape() }

// Changed implements shell.Changer. The shell asks it of the page that is shown alone.
func (d *detail) Changed() bool {
	d.seen = true
	changed := d.changed
	d.changed = false
	return changed
}

// Update implements shell.Page.
func (d *detail) Update(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case tea.KeyPressMsg:
		if b, ok := detailKeys.Lookup(msg); ok && !d.Capturing() {
			return d.do(b.ID)
		}
		return d.pagers[d.part].Update(msg)
	case tea.PasteMsg, tea.MouseWheelMsg:
		return d.pagers[d.part].Update(msg)
	case deck.Event:
		if msg.Deck == d.root.deck && msg.Delta == nil {
			return d.follow()
		}
	case deck.Tick:
		return d.tick(msg.Now)
	case deck.ProfileChanged:
		if msg.Profile == d.row.ref.Name {
			return d.read()
		}
	case *resolution:
		d.found = msg
		d.stale()
	case standing:
		d.stand, d.at, d.asked = msg, time.Now(), time.Time{}
		d.stale()
	}
	return nil
}

// stale has the lines made anew.
func (d *detail) stale() { d.drawn, d.changed = false, true }

// follow takes the profile as it was read anew. A version that is deleted while it is on the cluster goes on as one that is not kept.
func (d *detail) follow() tea.Cmd {
	before := d.row
	now := d.root.rows[before.id]
	if now == nil {
		now = d.root.rows["there/"+before.ref.ObjectName()]
	}
	d.stale()
	if d.gone = now == nil && !d.root.state.At.IsZero(); now == nil {
		return nil
	}
	d.row = now
	var cmds []tea.Cmd
	if version(now.stored) != version(before.stored) {
		cmds = append(cmds, d.resolve())
	}
	if !same(before, now) || d.stand.err != nil { // perhaps it is known now where to look
		cmds = append(cmds, d.read())
	}
	return tea.Batch(cmds...)
}

// How often the state on the cluster is read while it is looked at. Reading takes a request for each object.
const (
	readBusy  = 3 * time.Second // while something happens
	readCalm  = 20 * time.Second
	resolveIn = 2 * time.Minute
)

// tick reads the state on the cluster from time to time, if the page was seen since the last tick.
func (d *detail) tick(now time.Time) tea.Cmd {
	seen := d.seen
	if d.seen = false; !seen {
		return nil
	}
	if d.part == partCluster {
		d.stale() // it says how old things are
	}
	every := readCalm
	if s := d.stand.status; s != nil && s.State == apply.Updating {
		every = readBusy
	}
	if now.Sub(d.at) < every || d.root.deck.Cluster.Health().Status().State != kube.Live {
		return nil
	}
	return d.read()
}

// read reads how the profile is on the cluster, once at a time.
func (d *detail) read() tea.Cmd {
	if d.row.ref.Version == "" || !d.asked.IsZero() {
		return nil
	}
	d.asked = time.Now()
	name, ctx, read := d.row.ref.Name, d.root.deck.Context(), d.root.statusOf(d.row.ref.Name)
	return func() tea.Msg {
		status, err := read(ctx)
		return shell.For(d, standing{name, status, err})
	}
}

// resolve finds the packs of the profile and what is wrong with it. Registries may be far away.
func (d *detail) resolve() tea.Cmd {
	if !d.row.usable() {
		return nil
	}
	stored, platform, ctx := *d.row.stored, d.root.deck.Platform, d.root.deck.Context()
	return func() tea.Msg {
		ctx, cancel := context.WithTimeout(ctx, resolveIn)
		defer cancel()
		out := &resolution{version: version(&stored)}
		registries, err := platform.OpenRegistries()
		if out.err = err; err == nil {
			out.resolved, out.problems = profile.Resolve(ctx, stored.Value, registries)
			out.problems = append(out.problems, out.resolved.Problems()...)
		}
		return shell.For(d, out)
	}
}

// View implements shell.Page.
func (d *detail) View(w, h int) string {
	if w <= 0 || h <= 0 {
		return ""
	}
	if d.w != w {
		d.w, d.drawn = w, false
	}
	d.draw()
	lines := []string{d.header(w)}
	if d.gone {
		lines = append(lines, d.root.th.Paint(theme.Bad, text.Fit(" This version was deleted. What you see is from before; esc goes back.", w, d.root.th.Glyphs.Ellipsis)))
	}
	lines = append(lines, sheet.Notices(d.root.th, d.root.ageNotices(), w)...)
	lines = append(lines, d.partsView(w))
	if rest := h - len(lines); rest > 0 {
		lines = append(lines, d.pagers[d.part].View(w, rest))
	}
	return text.Block(strings.Join(lines, "\n"), w, h)
}

// header names the profile and says how it is on the cluster.
func (d *detail) header(w int) string {
	th := d.root.th
	l := standLook(th, d.row)
	if s := d.stand.status; s != nil && s.Version == d.row.ref.Version {
		l = stateLook(th, s.State)
	}
	name, state := text.Clean("Profile "+d.row.title()), text.Clean(l.Text)
	room := max(w-6, 1)
	state = text.TruncateMiddle(state, max(room/3, room-text.Width(name)), th.Glyphs.Ellipsis)
	name = text.TruncateMiddle(name, max(room-text.Width(state), 1), th.Glyphs.Ellipsis)
	return text.Block(" "+th.Paint(theme.Strong, name)+"  "+th.Paint(l.Tone, l.Glyph)+" "+th.Paint(l.TextTone(), state), w, 1)
}

func (d *detail) partsView(w int) string {
	th := d.root.th
	line := " "
	for i, title := range partTitles {
		if part(i) == d.part {
			line += th.Paint(theme.Accent, th.Glyphs.VLine+title+th.Glyphs.VLine)
		} else {
			line += " " + title + " "
		}
	}
	return text.Block(line, w, 1)
}
