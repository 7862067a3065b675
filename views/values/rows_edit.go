package values

import (
	"slices"
	"strconv"
	"strings"

	tea "charm.land/bubbletea/v2"

	"vmdeck.dev/vmdeck/kube/profile/pack"
	"vmdeck.dev/vmdeck/ui/text"
)

// typed is a key in a field. What has to be filled in is written with every key, a setting when it is done.
func (f *rows) typed(msg tea.KeyPressMsg) bool {
	switch key := msg.String(); {
	case key == "enter" && f.editing:
		f.finish()
	case key == "enter":
		f.step(1)
	case slices.Contains([]string{"up", "down", "pgup", "pgdown"}, key):
		f.finish()
		f.moved(key)
	default:
		if !f.field.Update(msg) {
			return false
		}
		f.write()
	}
	return true
}

// paste puts text into the field; it reports false when there is none.
func (f *rows) paste(msg tea.PasteMsg) bool {
	if !f.live() {
		return false
	}
	if r := f.current(); r.need && strings.Contains(strings.TrimSpace(msg.Content), "\n") {
		f.m.say(f.m.set(r.path, strings.TrimSpace(strings.ReplaceAll(msg.Content, "\r\n", "\n"))+"\n", ""))
		return true
	}
	f.field.Update(msg)
	f.write()
	return true
}

// write makes what has to be filled in the value as it is typed.
func (f *rows) write() {
	if r := f.current(); r.need {
		f.m.say(f.m.set(r.path, r.parsed(f.field.Value()), "need "+r.path.String()))
	}
}

// finish ends editing a setting and keeps what was typed.
func (f *rows) finish() {
	if !f.editing {
		return
	}
	r := f.current()
	f.editing = false
	f.m.say(f.m.set(r.path, r.parsed(f.field.Value()), ""))
}

// cancel leaves a field, that of a setting without a change; it reports false when there is none.
func (f *rows) cancel() bool {
	was := f.live()
	f.editing, f.typing = false, false
	f.load()
	return was
}

// press does what a row is for.
func (f *rows) press() {
	r := f.current()
	switch {
	case r == nil:
	case r.preset != nil:
		f.m.say(f.m.Choose(r.group.Name, r.preset.Name))
	case r.kind == "boolean" || len(r.enum) > 0 && r.kind != "array":
		f.cycle(1)
	case f.m.writable() != nil:
		f.m.say(f.m.writable())
	case r.fillable(f.m):
		f.typing = true
	case !r.oneLine(f.m):
		f.m.toYAML(r.path)
		f.m.note = "This value does not fit into one line: edit it here."
	default:
		f.load()
		f.editing = true
	}
}

// oneLine tells whether a value can be written in one line and read again.
func (r row) oneLine(m *Model) bool {
	v, _ := pack.Lookup(m.now.values, r.path)
	switch v := v.(type) {
	case string:
		return text.Clean(v) == v
	case []any:
		return !slices.ContainsFunc(v, func(item any) bool {
			s, ok := item.(string)
			return !ok || s == "" || strings.Contains(s, ",") || strings.TrimSpace(text.Clean(s)) != s
		})
	case pack.Values:
		return false
	}
	return true
}

// cycle goes to another of the values that a setting can have.
func (f *rows) cycle(by int) {
	r := f.current()
	if r == nil || r.preset != nil {
		return
	}
	shown := r.enum // as YAML
	if r.kind == "boolean" {
		shown = []string{"false", "true"}
	}
	if len(shown) == 0 || r.kind == "array" {
		return
	}
	v, _ := pack.Lookup(f.m.now.values, r.path)
	i := slices.Index(shown, pack.Show(v))
	if i < 0 && by < 0 {
		i = 0
	}
	next, err := pack.ParseValues("next: " + shown[(i+by+len(shown))%len(shown)])
	if err == nil {
		err = f.m.set(r.path, next["next"], "cycle "+r.path.String())
	}
	f.m.say(err)
}

// written is a row's value as it is edited in one line.
func (f *rows) written(r row) string {
	v, _ := pack.Lookup(f.m.now.values, r.path)
	switch v := v.(type) {
	case string:
		return v
	case nil:
		return ""
	case []any:
		items := make([]string, len(v))
		for i, item := range v {
			var ok bool
			if items[i], ok = item.(string); !ok {
				items[i] = pack.Show(item)
			}
		}
		return strings.Join(items, ", ")
	}
	return pack.Show(v)
}

// parsed is what a line means as the value of a row.
func (r row) parsed(line string) any {
	switch r.kind {
	case "array":
		out := []any{}
		for item := range strings.SplitSeq(line, ",") {
			if item = strings.TrimSpace(item); item != "" {
				out = append(out, item)
			}
		}
		return out
	case "number", "integer":
		if n, err := strconv.ParseFloat(strings.TrimSpace(line), 64); err == nil {
			return n
		}
	case "boolean":
		if b, err := strconv.ParseBool(strings.TrimSpace(line)); err == nil {
			return b
		}
	}
	return line
}
