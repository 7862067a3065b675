package registries

import (
	"context"
	"errors"
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"vmdeck.dev/vmdeck/config"
	"vmdeck.dev/vmdeck/kube/profile"
	"vmdeck.dev/vmdeck/kube/profile/pack"
	"vmdeck.dev/vmdeck/ui/dialog"
	"vmdeck.dev/vmdeck/ui/shell"
	"vmdeck.dev/vmdeck/ui/text"
	"vmdeck.dev/vmdeck/ui/theme"
)

// Fields of the form.
const (
	fieldName    = "name"
	fieldAddress = "address"
	fieldKind    = "kind"
	fieldCA      = "ca"
	fieldPacks   = "packs"
)

// asAddress is the kind of a registry that is as its address says.
const asAddress = "as the address says"

// add asks for a registry; values are those of a form that is opened once more.
func (p *Page) add(values map[string]string) tea.Cmd {
	kind := asAddress
	if values[fieldKind] != "" {
		kind = values[fieldKind]
	}
	fields := []dialog.Field{
		{ID: fieldName, Label: "Name", Value: values[fieldName], Help: "What profiles call it. It has to be the same for all who use the profile.", Validate: p.nameTaken},
		{ID: fieldAddress, Label: "Address", Value: values[fieldAddress], Placeholder: "oci://… https://… or a folder", Help: "oci://host/path, the https:// address of a chart repository, or a folder.",
			Validate: required("an address")},
		{ID: fieldKind, Label: "Kind", Kind: dialog.Choice, Value: kind, Choices: []string{asAddress, string(pack.KindOCI), string(pack.KindHTTP), string(pack.KindFolder)},
			Help: "Usually the address tells."},
		{ID: fieldCA, Label: "CA file", Value: values[fieldCA], Placeholder: "none", Help: "A PEM file with further authorities that may vouch for the server."},
		{ID: fieldPacks, Label: "Packs", Value: values[fieldPacks], Placeholder: "all that it lists", Help: "For OCI registries that do not list what they have: names, with commas between."},
	}
	if p.th.Glyphs.ASCII {
		fields[1].Placeholder = "oci:// or https:// or a folder"
	}
	intro := []string{"It is tested before it is added. Logins are those of docker's configuration."}
	return shell.OpenDialog(dialog.NewForm(p.th, "Add a registry", intro, fields, "Test and add", func(r dialog.Result) tea.Cmd {
		if !r.OK {
			return nil
		}
		return p.try(r.Values)
	}))
}

func required(what string) func(string) string {
	return func(s string) string {
		if strings.TrimSpace(s) == "" {
			return "a registry needs " + what
		}
		return ""
	}
}

func (p *Page) nameTaken(name string) string {
	name = strings.TrimSpace(name)
	if slices.ContainsFunc(p.rows, func(r *row) bool { return r.name() == name }) {
		return "there is a registry of this name already"
	}
	return required("a name")(name)
}

// trial is a registry that is tested before it is added.
type trial struct {
	entry  config.Registry
	values map[string]string // of the form
	ctx    context.Context
	cancel context.CancelFunc
}

// tried is what came of a trial.
type tried struct {
	trial *trial
	entry config.Registry // as it would be kept
	probe probe
	// invalid says why it could not be kept at all.
	invalid error
}

// try tests a registry that is to be added.
func (p *Page) try(values map[string]string) tea.Cmd {
	entry := config.Registry{Name: strings.TrimSpace(values[fieldName]), URL: strings.TrimSpace(values[fieldAddress]), CAFile: strings.TrimSpace(values[fieldCA])}
	if kind := values[fieldKind]; kind != asAddress {
		entry.Kind = kind
	}
	for name := range strings.SplitSeq(values[fieldPacks], ",") {
		if name = strings.TrimSpace(name); name != "" {
			entry.Packs = append(entry.Packs, name)
		}
	}
	t := &trial{entry: entry, values: values}
	t.ctx, t.cancel = context.WithCancel(p.ctx)
	p.trying = t
	return p.mine(func() tea.Msg {
		out := tried{trial: t, entry: entry}
		out.invalid = profile.CompleteRegistry(&out.entry)
		var registry pack.Registry
		if out.invalid == nil {
			registry, out.invalid = pack.Open(profile.RegistryConfig(out.entry))
		}
		if out.invalid == nil {
			out.probe = try(t.ctx, registry)
		}
		return out
	})
}

func (p *Page) giveUp() {
	p.trying.cancel()
	p.trying = nil
}

// tried adds a registry that is in order, and asks about one that is not.
func (p *Page) tried(msg tried) tea.Cmd {
	if msg.trial != p.trying {
		return nil
	}
	p.giveUp()
	again := func() tea.Cmd { return p.add(msg.trial.values) }
	if msg.invalid == nil && msg.probe.err == nil {
		return p.keep(msg.entry)
	}
	buttons := []dialog.Button{{ID: "change", Label: "Change it"}}
	body := []string{text.Sentence(errors.Join(msg.invalid, msg.probe.err).Error())}
	if msg.invalid == nil {
		body = append(body, "", "Profiles with packs of this registry cannot be applied before it can be used.")
		buttons = append(buttons, dialog.Button{ID: "add", Label: "Add it all the same"})
	}
	return shell.OpenDialog(dialog.NewConfirm(p.th, msg.entry.Name+" cannot be used", body, buttons, func(r dialog.Result) tea.Cmd {
		switch r.Choice {
		case "change":
			return again()
		case "add":
			return p.keep(msg.entry)
		}
		return nil
	}))
}

// written is what came of keeping or forgetting a registry.
type written struct {
	said string
	err  error
	name string // that the cursor goes to; empty: it stays
}

func (p *Page) keep(entry config.Registry) tea.Cmd {
	store := p.deck.Platform.Registries
	return p.mine(func() tea.Msg {
		if err := store.Add(entry); err != nil {
			return written{err: err}
		}
		return written{said: "The registry " + entry.Name + " was added to " + store.Path() + ".", name: entry.Name}
	})
}

func (p *Page) written(msg written) tea.Cmd {
	if msg.err != nil {
		return shell.Toast(theme.Bad, text.Sentence(msg.err.Error()))
	}
	p.goTo = msg.name
	return tea.Batch(p.reread(), shell.Toast(theme.Good, msg.said))
}
