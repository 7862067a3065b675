// Package list is a table with a line over it that narrows it: what every page that lists something consists of.
package list

import (
	"fmt"

	tea "charm.land/bubbletea/v2"

	"vmdeck.dev/vmdeck/ui/input"
	"vmdeck.dev/vmdeck/ui/keys"
	"vmdeck.dev/vmdeck/ui/shell"
	"vmdeck.dev/vmdeck/ui/table"
	"vmdeck.dev/vmdeck/ui/theme"
)

// Names of the bindings that lists have in common.
const (
	Filter  = "filter"
	Sort    = "sort"
	Reverse = "reverse"
)

// FilterKey is the binding for Filter. A page puts it among its own, where its help is to tell of it.
func FilterKey() keys.Binding {
	return keys.Binding{ID: Filter, Keys: []string{"/"}, Label: "filter", Help: "Narrow the list while typing"}
}

// SortKey is the binding for Sort.
func SortKey() keys.Binding {
	return keys.Binding{ID: Sort, Keys: []string{"o"}, Label: "sort", Help: "Choose the column to sort by"}
}

// ReverseKey is the binding for Reverse.
func ReverseKey() keys.Binding {
	return keys.Binding{ID: Reverse, Keys: []string{"O"}, Label: "reverse", Help: "Turn the order round"}
}

// Options tie a list to its page.
type Options struct {
	// Placeholder shows in the filter while it is empty; Suggest completes it, nil: nothing does.
	Placeholder string
	Suggest     func(value string) []string
	// Narrow shows the rows that the query asks for; it is called whenever the query may have changed.
	Narrow func()
	// Keys are the page's bindings, Do carries one out.
	Keys *keys.Map
	Do   func(id string) tea.Cmd
	// Above is how many lines stand over the table, the filter's included.
	Above func() int
	// Move gives the table a key that is no binding of the page, or the mouse. Nil: it goes there by itself.
	Move func(msg tea.Msg)
}

// Model is the list. Like its table it belongs to one goroutine.
type Model[R any] struct {
	// Model is the table; a page may replace it by one with other columns.
	*table.Model[R]
	// Query is the line over it.
	Query *input.Filter

	th *theme.Theme
	o  Options
}

// New makes a list of a table.
func New[R any](th *theme.Theme, t *table.Model[R], o Options) *Model[R] {
	m := &Model[R]{Model: t, th: th, o: o}
	if m.o.Move == nil {
		m.o.Move = func(msg tea.Msg) { m.Model.Update(msg) }
	}
	m.Query = input.NewFilter(th, o.Placeholder, o.Narrow, func(key tea.KeyPressMsg) { m.o.Move(key) })
	m.Query.Suggest = o.Suggest
	return m
}

// Update takes keys, what is pasted and the mouse; mouse positions count from the page's upper left corner.
func (m *Model[R]) Update(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case tea.KeyPressMsg:
		return m.key(msg)
	case tea.PasteMsg:
		m.Query.Update(msg)
	case tea.MouseClickMsg:
		msg.Y -= m.o.Above()
		m.o.Move(msg)
	case tea.MouseWheelMsg:
		m.o.Move(msg)
	}
	return nil
}

func (m *Model[R]) key(msg tea.KeyPressMsg) tea.Cmd {
	if m.Query.Update(msg) {
		return nil
	}
	if b, ok := m.o.Keys.Lookup(msg); ok {
		return m.o.Do(b.ID)
	}
	m.o.Move(msg)
	return nil
}

// Do carries out one of the bindings that lists have in common, and reports whether it is one.
func (m *Model[R]) Do(id string) (tea.Cmd, bool) {
	switch id {
	case Filter:
		m.Query.Type(true)
	case Sort:
		return m.PickSort(), true
	case Reverse:
		column, desc := m.Sort()
		m.SortBy(column, !desc)
	default:
		return nil, false
	}
	return nil, true
}

// Escape undoes a range or marks, then the filter. It reports false when there was neither.
func (m *Model[R]) Escape() bool { return m.Model.Escape() || m.Unfilter() }

// Unfilter empties the query, and reports false when it was empty.
func (m *Model[R]) Unfilter() bool {
	if m.Query.Value() == "" {
		return false
	}
	m.Query.SetValue("")
	return true
}

// Hints are the hints while the query is typed; nil while it is not.
func (m *Model[R]) Hints() []shell.Hint {
	if !m.Query.Typing() {
		return nil
	}
	hints := []shell.Hint{{Key: "enter", Label: "keep filter"}, {Key: "esc", Label: "clear"}}
	if m.Query.Suggest != nil {
		hints = append(hints, shell.Hint{Key: "tab", Label: "complete"})
	}
	return hints
}

// FilterView is the line of the query with how many rows pass it; none while nothing is asked for.
func (m *Model[R]) FilterView(w int) []string {
	if m.Query.Lines() == 0 {
		return nil
	}
	return []string{m.Query.Beside(fmt.Sprintf("%d of %d", m.Visible(), m.Total()), theme.Dim, w)}
}
