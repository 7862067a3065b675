package wizard

import (
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"vmdeck.dev/vmdeck/kube/profile"
	"vmdeck.dev/vmdeck/ui/dialog"
	"vmdeck.dev/vmdeck/ui/shell"
)

// what is a manifest that many clusters need.
type what struct {
	id, title, note, name, group, placeholder string
}

var manifests = []what{
	{"kubevirt", "KubeVirt", "its operator", "kubevirt-operator", "kubevirt.io", "https://github.com/kubevirt/kubevirt/releases/download/v1.7.0/kubevirt-operator.yaml"},
	{"cdi", "CDI", "its operator, for disks", "cdi-operator", "cdi.kubevirt.io", "https://github.com/kubevirt/containerized-data-importer/releases/download/v1.64.0/cdi-operator.yaml"},
	{"other", "Other", "any YAML", "", "", "https://"},
}

// manifest is the form of a manifest. It changes the profile when it is accepted.
type manifest struct {
	*form
	page  *Page
	index int // in the profile; -1: a new one
	m     profile.Manifest
	from  string // url, file, or content: what the profile had, which only a file can say
	what  int
	// begun is what the form began with: what differs from it was entered.
	begun profile.Manifest
}

func newManifest(p *Page, index int) inner {
	m := &manifest{page: p, index: index, from: "url", what: len(manifests) - 1}
	if index >= 0 {
		m.m = p.draft.Manifests[index]
		for i, w := range manifests {
			if w.group == m.m.UnlessServed {
				m.what = i
			}
		}
		if m.m.File != "" {
			m.from = "file"
		}
		if m.m.Content != "" {
			m.from = "content"
		}
	} else {
		m.choose(0)
	}
	m.build("")
	m.begun = m.m
	return m
}

// choose begins with what many clusters need, where nothing else was typed.
func (m *manifest) choose(i int) {
	if m.m.Name == "" || m.m.Name == manifests[m.what].name {
		m.m.Name = manifests[i].name
	}
	m.m.UnlessServed = manifests[i].group
	m.what = i
}

// build makes the fields for what was chosen; the focus goes to one of them.
func (m *manifest) build(key string) {
	th, w := m.page.th, manifests[m.what]
	var kinds []option
	for _, w := range manifests {
		kinds = append(kinds, option{id: w.id, title: w.title, note: w.note})
	}
	fields := []field{newRadio("what", "Manifest of", kinds, w.id, func(id string) {
		m.choose(slices.IndexFunc(manifests, func(w what) bool { return w.id == id }))
		m.build("what")
	})}
	fields = append(fields, newEntry(th, "name", "Name", "", "", &m.m.Name, func(string) string { return m.fault("Name") }))
	if m.from != "content" {
		fields = append(fields, newRadio("from", "From", []option{
			{id: "url", title: "a URL", note: "fetched when the profile is applied"},
			{id: "file", title: "a file", note: "on the machine that applies the profile"},
		}, m.from, func(id string) {
			m.from = id
			m.build("from")
		}))
	}
	digest := "The file's SHA-256, so that what is applied is what was reviewed: sha256sum FILE tells it."
	switch m.from {
	case "url":
		fields = append(fields, newEntry(th, "url", "URL", "", w.placeholder, &m.m.URL, func(string) string { return m.fault("URL") }),
			newEntry(th, "sha256", "SHA-256", digest, "", &m.m.SHA256, func(string) string { return m.fault("SHA256") }))
	case "file":
		fields = append(fields, newEntry(th, "file", "File", "", "/srv/mirror/"+w.id+"-operator.yaml", &m.m.File, func(string) string { return m.fault("File") }),
			newEntry(th, "sha256", "SHA-256", "Optional. "+digest, "", &m.m.SHA256, func(string) string { return m.fault("SHA256") }))
	}
	m.form = newForm(th, fields...)
	m.form.goToKey(key)
}

// manifest is what was entered; of URL and file only the one that was chosen.
func (m *manifest) manifest() profile.Manifest {
	out := m.m
	out.Name, out.URL, out.File, out.SHA256 = strings.TrimSpace(out.Name), strings.TrimSpace(out.URL), strings.TrimSpace(out.File), strings.ToLower(strings.TrimSpace(out.SHA256))
	if m.from != "url" {
		out.URL = ""
	}
	if m.from != "file" {
		out.File = ""
	}
	return out
}

// placed is the draft with the manifest in its place.
func (m *manifest) placed() ([]profile.Manifest, int) {
	all := slices.Clone(m.page.draft.Manifests)
	if m.index >= 0 {
		all[m.index] = m.manifest()
		return all, m.index
	}
	return append(all, m.manifest()), len(all)
}

// fault is what is wrong with a part of the manifest.
func (m *manifest) fault(part string) string {
	p := m.page.draft.profile()
	all, at := m.placed()
	p.Manifests = all
	for _, problem := range p.Validate() {
		if problem.Field == "Manifests" && problem.Index == at && problem.Part == part {
			return problem.Text
		}
	}
	switch {
	case part == "URL" && m.manifest().URL == "":
		return "The manifest needs its URL."
	case part == "File" && m.manifest().File == "":
		return "The manifest needs its file."
	}
	return ""
}

func (m *manifest) update(msg tea.Msg) (tea.Cmd, bool) {
	f := m.form
	through := f.update(msg)
	if k, ok := msg.(tea.KeyPressMsg); ok && f != m.form {
		through = m.form.moved(k.String()) // what was chosen made other fields
	}
	if !through || m.form.fault() {
		return nil, false
	}
	m.page.draft.Manifests, _ = m.placed()
	return m.page.packsChanged(), true
}

func (m *manifest) view(w, h int) string {
	words := "Manifests are applied before the packs, as they are. "
	if served := m.page.served(m.m); served != "" {
		words += served
	} else {
		words += "This one is applied wherever the profile is."
	}
	return formView(m.form, words, w, h)
}

func (m *manifest) hints() []shell.Hint {
	if m.form.at == len(m.form.fields)-1 {
		return []shell.Hint{{Key: "enter", Label: "accept"}}
	}
	return []shell.Hint{{Key: "enter", Label: "next"}}
}

// escape asks before what was typed is lost.
func (m *manifest) escape() bool {
	began := m.begun
	if m.index < 0 {
		began.Name, began.UnlessServed = m.m.Name, m.m.UnlessServed // what was chosen is chosen again by a key
	}
	if began == m.m {
		return false
	}
	p := m.page
	q := dialog.NewConfirm(p.th, "Leave the manifest?", []string{"What you entered here is not in the profile yet. Enter on the last field puts it there."},
		[]dialog.Button{{ID: "drop", Label: "Drop it", Danger: true}}, func(r dialog.Result) tea.Cmd {
			if s, ok := p.screen.(*packs); ok && r.OK && s.inner == m {
				s.inner = nil
			}
			return nil
		})
	q.Keep = "Stay here"
	p.question(q)
	return true
}

func (m *manifest) refresh() {}
