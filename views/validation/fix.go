package validation

import (
	"strings"

	tea "charm.land/bubbletea/v2"

	"vmdeck.dev/vmdeck/kube/check"
	"vmdeck.dev/vmdeck/ui/shell"
	"vmdeck.dev/vmdeck/ui/theme"
	"vmdeck.dev/vmdeck/views/deck"
)

// meaning says what a verdict is worth.
var meaning = map[check.Verdict]string{
	check.Pass:          "it is as it should be",
	check.Warn:          "it works, and is not as recommended",
	check.Fail:          "it does not work, or could not be relied on when it was asked",
	check.NotPermitted:  "you may not look; the result says who may",
	check.NotApplicable: "there is nothing to check",
}

// fix opens where something is put right, or copies the command that does it.
func (p *Page) fix(f check.Fix) tea.Cmd {
	switch t := f.Open.(type) {
	case check.InstallRoles:
		return message(deck.ShowRoles{})
	case check.EditRule:
		return message(deck.EditRule{Rule: t.Rule, Version: t.Version, Exists: t.Exists})
	case check.ShowBindings:
		return message(deck.ShowBindings{Query: quoted(t.Query)})
	case check.ShowTemplates:
		return message(deck.ShowTemplates{})
	case check.ShowProfiles:
		return message(deck.ShowProfiles{Ref: t.Ref})
	case check.ApplyProfile:
		return message(deck.Apply{Profile: t.Profile})
	case check.NewProfile:
		return message(deck.NewProfile{})
	case check.ShowRegistries:
		return message(deck.ShowRegistries{})
	}
	return deck.Copy(f.Command, "the command")
}

// opens says what the key of a fix does; empty: nothing.
func opens(f check.Fix) string {
	switch f.Open.(type) {
	case check.InstallRoles:
		return "f opens the roles"
	case check.EditRule:
		return "f opens the rule editor"
	case check.ShowBindings:
		return "f opens the bindings"
	case check.ShowTemplates:
		return "f opens the templates"
	case check.ShowProfiles:
		return "f opens the profiles"
	case check.ApplyProfile:
		return "f compares and applies"
	case check.NewProfile:
		return "f opens the wizard"
	case check.ShowRegistries:
		return "f opens the registries"
	}
	if f.Command != "" {
		return "f copies the command"
	}
	return ""
}

// quoted keeps a name with a colon or a blank from being read as more than a name by the filter of bindings.
func quoted(name string) string {
	if strings.ContainsAny(name, ": !") {
		return `"` + strings.ReplaceAll(name, `"`, "") + `"`
	}
	return name
}

func (p *Page) copyReport() tea.Cmd {
	var b strings.Builder
	if err := WriteMarkdown(&b, p.report()); err != nil {
		return shell.Toast(theme.Bad, "The report could not be written: "+err.Error())
	}
	return deck.Copy(b.String(), "the report")
}
