package validation

import (
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"vmdeck.dev/vmdeck/ui/help"
	"vmdeck.dev/vmdeck/ui/keys"
	"vmdeck.dev/vmdeck/ui/list"
	"vmdeck.dev/vmdeck/ui/palette"
	"vmdeck.dev/vmdeck/ui/shell"
	"vmdeck.dev/vmdeck/ui/table"
	"vmdeck.dev/vmdeck/ui/theme"
	"vmdeck.dev/vmdeck/views/deck"
)

// Names of the bindings.
const (
	keyOpen       = "open"
	keyFix        = "fix"
	keyNext       = "next"
	keyOne        = "check-again"
	keyAll        = "check-all"
	keyProblems   = "problems"
	keyWhom       = "for"
	keyNamespaces = "in"
	keyCopy       = "copy"
	keyReport     = "copy-report"

	keyRetry = "retry" // the deck's
)

// Bindings are the keys of the list besides those of the table and of every screen.
func Bindings() []keys.Binding {
	return []keys.Binding{
		{ID: keyOpen, Keys: []string{"enter"}, Label: "open", Help: "All of the result, and the matrix of rights where there is one"},
		{ID: keyFix, Keys: []string{"f"}, Label: "fix", Help: "Open where it is put right, filled in; or copy the command that does it"},
		{ID: keyNext, Keys: []string{"n"}, Label: "next step", Help: "Go to what is best put right next"},
		{ID: keyOne, Keys: []string{"r"}, Label: "check", Help: "Make this check again"},
		{ID: keyAll, Keys: []string{"a"}, Label: "check all", Help: "Make all checks again"},
		{ID: keyProblems, Keys: []string{"p"}, Label: "problems", Help: "Only what failed or is not as recommended, or all"},
		list.FilterKey(),
		{ID: keyWhom, Keys: []string{"u"}, Label: "for whom", Help: "Choose whose rights are looked at"},
		{ID: keyNamespaces, Keys: []string{"N"}, Label: "namespaces", Help: "Choose the namespaces in which rights are looked at"},
		{ID: keyCopy, Keys: []string{"y"}, Label: "copy", Help: "Copy the result to the clipboard of your terminal"},
		{ID: keyReport, Keys: []string{"Y"}, Label: "copy report", Help: "Copy the whole report as Markdown"},
	}
}

var listKeys = deck.MustKeys(Bindings(), table.Bindings()...)

// message makes a command of a message for the program.
func message(msg tea.Msg) tea.Cmd { return func() tea.Msg { return msg } }

// do carries out a binding, or says why it is off.
func (p *Page) do(id string) tea.Cmd {
	if reason := p.off(id); reason != "" {
		return shell.Toast(theme.Warn, listKeys.Binding(id).Label+": "+reason)
	}
	current := p.current()
	switch id {
	case keyOpen:
		return shell.Push(newDetail(p, current))
	case keyFix:
		return p.fix(current.result.Fix)
	case keyNext:
		p.toNext()
	case keyOne:
		return p.againOne(current.check.ID)
	case keyAll:
		return p.begin()
	case keyProblems:
		p.toggleProblems()
	case list.Filter:
		p.browse()
		p.list.Do(id)
	case keyWhom:
		return p.pickWhom()
	case keyNamespaces:
		return p.pickNamespaces()
	case keyCopy:
		return deck.Copy(plainText(current.result), current.id)
	case keyReport:
		return p.copyReport()
	default:
		return p.around(id)
	}
	return nil
}

// current is the row that the keys are about; nil: none.
func (p *Page) current() *row {
	if p.alone() {
		return p.of("access.own")
	}
	r, _ := p.list.Current()
	return r
}

// off says why a binding does nothing at the moment.
func (p *Page) off(id string) string {
	current := p.current()
	switch {
	case id == keyNext && p.next() == nil, id == keyReport && p.last.at.IsZero():
		return map[string]string{keyNext: "there is nothing to do", keyReport: "nothing was checked yet"}[id]
	case !slices.Contains([]string{keyOpen, keyFix, keyOne, keyCopy}, id):
		return ""
	case current == nil:
		return "no check is chosen"
	case current.result == nil && id != keyOne:
		return "it was not checked yet"
	case id == keyFix && current.result.Fix.Open == nil && current.result.Fix.Command == "":
		return "there is nothing to open"
	}
	return ""
}

func (p *Page) toNext() {
	n := p.next()
	if !p.list.Select(n.id) {
		p.problems = false
		p.list.Query.SetValue("")
		p.list.Select(n.id)
	}
	p.browse()
	p.moved = true
}

func (p *Page) toggleProblems() {
	p.problems = !p.problems
	p.browse()
	p.refresh()
}

// around carries out a binding of the deck. A retry makes the checks anew too.
func (p *Page) around(id string) tea.Cmd {
	cmd, _ := p.deck.Do(id)
	if id == keyRetry {
		p.deck.Reread()
		return tea.Batch(cmd, p.begin())
	}
	return cmd
}

// Hints implements shell.Page.
func (p *Page) Hints() []shell.Hint {
	if hints := p.list.Hints(); hints != nil {
		return hints
	}
	var hints []shell.Hint
	add := func(priority int, ids ...string) {
		for _, id := range ids {
			if b := listKeys.Binding(id); p.off(id) == "" {
				hints = append(hints, shell.Hint{Key: b.Keys[0], Label: p.label(b), Priority: priority})
			}
		}
	}
	if p.alone() {
		add(1, keyCopy)
	}
	add(1, keyFix, keyOpen)
	add(2, keyOne)
	if p.alone() {
		hints = append(hints, shell.Hint{Key: "j", Label: "all checks", Priority: 2})
	}
	add(3, keyAll)
	if !p.alone() {
		add(2, keyProblems)
	}
	add(3, keyWhom)
	if !p.alone() {
		add(4, list.Filter)
	}
	add(5, keyNext, keyReport)
	return append(hints, shell.Hint{Key: ":", Label: "command", Priority: 4}, shell.Hint{Key: "?", Label: "help"})
}

// label is what a key does now.
func (p *Page) label(b keys.Binding) string {
	if b.ID == keyProblems && p.problems {
		return "show all"
	}
	return b.Label
}

// Help implements shell.Page.
func (p *Page) Help() []help.Section {
	own := shell.SectionOff("Validation", Bindings(), p.th.Glyphs, p.off)
	verdicts := help.Section{Title: "What the results say"}
	for _, v := range worst() {
		symbol, _, word := Mark(p.th.Glyphs, v)
		verdicts.Lines = append(verdicts.Lines, help.Line{Key: symbol, Title: word, Text: meaning[v]})
	}
	return []help.Section{own, verdicts, shell.Section("Moving", table.Bindings(), p.th.Glyphs)}
}

// Commands implements shell.Page.
func (p *Page) Commands() []palette.Entry {
	args := map[string]string{list.Filter: "[text]", keyWhom: "[user [group" + p.th.Glyphs.Ellipsis + "]]", keyNamespaces: "[namespace" + p.th.Glyphs.Ellipsis + "]"}
	entries := shell.Commands(Bindings(), p.off, p.do)
	for i := range entries {
		e := &entries[i]
		e.Args, e.Run = args[e.ID], func(args string) tea.Cmd { return p.command(e.ID, strings.TrimSpace(args)) }
	}
	return entries
}

func (p *Page) command(id, args string) tea.Cmd {
	switch {
	case args == "":
		return p.do(id)
	case id == list.Filter:
		p.browse()
		p.list.Query.SetValue(args)
		return nil
	case id == keyWhom:
		return p.setWhom(deck.WhomResult{Who: deck.ParseWho(args)})
	case id == keyNamespaces:
		return p.namespacesCommand(args)
	}
	return p.do(id)
}
