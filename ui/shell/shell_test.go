package shell

import (
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"vmdeck.dev/vmdeck/ui/theme"
	"vmdeck.dev/vmdeck/ui/uitest"
)

// clock is a time that tests move.
type clock struct{ t time.Time }

func (c *clock) now() time.Time { return c.t }

func (c *clock) pass(d time.Duration) { c.t = c.t.Add(d) }

func start(t testing.TB, w, h int) (*uitest.Driver, *Model, *clock) {
	c := &clock{epoch}
	m := sample(c.now)
	return uitest.New(t, m, w, h), m, c
}

func TestFrames(t *testing.T) {
	for _, size := range []struct {
		name string
		w, h int
	}{{"80x24", 80, 24}, {"120x40", 120, 40}, {"40x10", 40, 10}} {
		t.Run(size.name, func(t *testing.T) {
			for _, tt := range []struct {
				name string
				keys []string
			}{
				{"list", []string{"j", "space"}},
				{"confirm", []string{"x"}},
				{"type", []string{"d"}},
				{"form", []string{"c"}},
				{"picker", []string{"o", "t"}},
				{"reason", []string{"s"}},
				{"palette", []string{":", "s"}},
				{"help", []string{"?"}},
				{"detail", []string{"enter"}},
			} {
				t.Run(tt.name, func(t *testing.T) {
					d, _, _ := start(t, size.w, size.h)
					d.Keys(tt.keys...)
					d.Golden()
				})
			}
		})
	}
}

func TestTooSmall(t *testing.T) {
	d, _, _ := start(t, 39, 10)
	d.Contains("needs 40 by 10")
	d.Resize(1, 1)
	d.Resize(40, 10)
	d.Contains("vm-000")
}

func TestTabsAndPages(t *testing.T) {
	d, m, _ := start(t, 80, 24)
	d.Keys("2")
	if m.Tab() != 1 {
		t.Fatalf("tab %d", m.Tab())
	}
	d.Click(3, 1)
	if m.Tab() != 0 {
		t.Fatalf("tab %d after a click", m.Tab())
	}
	d.Keys("enter")
	d.Contains("Virtual Machines → vm-000", "apiVersion")
	d.Keys("2", "1")
	d.Contains("apiVersion")
	d.Keys("esc")
	d.Lacks("apiVersion")
	d.Keys("space", "esc")
	d.Lacks("✓")
	page := newListPage(m.th, "Other", 1)
	d.Send(setTabsMsg{[]Page{page, m.tabs[0].stack[0]}})
	if m.Tab() != 1 || m.Page().Title() != "Virtual Machines" {
		t.Errorf("the tab that was shown is not shown any more: %d", m.Tab())
	}
}

func TestQuietPeriod(t *testing.T) {
	d, _, c := start(t, 80, 24)
	d.Keys("x", "tab", "enter")
	d.Contains("Stop vm-000?")
	d.Lacks("[ Stop ]")
	c.pass(300 * time.Millisecond)
	d.Keys("tab") // Resets the quiet period.
	c.pass(300 * time.Millisecond)
	d.Keys("enter")
	d.Contains("Stop vm-000?")
	c.pass(450 * time.Millisecond)
	d.Keys("y")
	d.Contains("Stop vm-000?")
	d.Keys("tab", "enter")
	d.Contains("stop vm-000")
	d.Lacks("[ Stop ]")
}

func TestQuietPeriodEnds(t *testing.T) {
	d, _, c := start(t, 80, 24)
	d.Keys("x")
	for range 16 {
		c.pass(100 * time.Millisecond)
		d.Keys("z")
	}
	d.Keys("tab")
	d.Contains("[ Stop ]")
	d.Keys("esc", "x", "esc")
	d.Lacks("Stop vm-000?")
}

func TestTypeToConfirm(t *testing.T) {
	d, _, c := start(t, 80, 24)
	d.Keys("d")
	c.pass(time.Second)
	d.Type("vm-00")
	d.Keys("enter")
	d.Contains("not the same")
	d.Type("0")
	d.Keys("enter")
	d.Contains("delete vm-000")
}

func TestForm(t *testing.T) {
	d, _, c := start(t, 80, 24)
	d.Keys("c")
	c.pass(time.Second)
	d.Keys("enter")
	d.Contains("a name is needed")
	d.Type("new")
	d.Keys("tab", "backspace", "backspace", "tab", "space", "tab", "right", "tab", "right", "enter")
	d.Contains("a whole number", "■ yes", "hdd")
	d.Type("60")
	d.Keys("up", "up", "up", "enter")
}

func TestPicker(t *testing.T) {
	d, _, _ := start(t, 80, 24)
	d.Keys("o")
	d.Type("team-b")
	d.Keys("enter")
	d.Contains("not yours")
	d.Keys("backspace", "c", "enter")
	d.Contains("team-c vm-000")
}

func TestPalette(t *testing.T) {
	d, _, _ := start(t, 80, 24)
	d.Keys(":")
	d.Type("start")
	d.Keys("enter")
	d.Contains("already running", ":start")
	d.Keys("esc", ":")
	d.Type("ns team-x")
	d.Keys("enter")
	d.Contains("namespace team-x")
	d.Keys(":")
	d.Type("mess")
	d.Keys("enter")
	d.Contains("Messages")
}

// busyPage is a page with something under way.
type busyPage struct{ *listPage }

func (busyPage) Busy() string { return "a deletion is running" }

func TestQuitAsksPages(t *testing.T) {
	d, m, c := start(t, 80, 24)
	d.Send(Push(busyPage{newListPage(m.th, "Busy", 3)})())
	d.Keys("q")
	d.Contains("a deletion is running")
	c.pass(time.Second)
	d.Keys("esc", "esc", "q")
	if !d.Quit {
		t.Fatal("asks for a page that is closed")
	}
}

// askingPage asks once before it is quit from.
type askingPage struct {
	*listPage
	asked int
}

func (p *askingPage) Interrupt() bool {
	p.asked++
	return p.asked == 1
}

func TestQuitLetsThePageAskFirst(t *testing.T) {
	d, m, _ := start(t, 80, 24)
	p := &askingPage{listPage: newListPage(m.th, "Asking", 3)}
	d.Send(Push(p)())
	d.Keys("ctrl+c")
	if d.Quit || p.asked != 1 {
		t.Fatalf("quit is %v after %d questions", d.Quit, p.asked)
	}
	d.Keys("q")
	if !d.Quit {
		t.Fatal("the page keeps the user")
	}
}

func TestQuit(t *testing.T) {
	d, m, c := start(t, 80, 24)
	m.o.Busy = func() string { return "2 migrations are running" }
	d.Keys("q")
	d.Contains("2 migrations are running")
	if d.Quit {
		t.Fatal("quit without asking")
	}
	c.pass(time.Second)
	d.Keys("esc", "ctrl+c")
	if d.Quit {
		t.Fatal("quit without asking")
	}
	d.Keys("ctrl+c")
	if !d.Quit {
		t.Fatal("ctrl+c twice does not quit")
	}
}

func TestErrorStays(t *testing.T) {
	d, _, c := start(t, 80, 24)
	d.Keys("e", "j")
	d.Contains("✗ it failed")
	c.pass(2 * time.Second)
	d.Keys("j")
	d.Lacks("it failed")
}

func TestHeaderDropsSegments(t *testing.T) {
	d, _, _ := start(t, 80, 24)
	d.Contains("KubeVirt")
	d.Resize(48, 24)
	d.Lacks("KubeVirt")
	d.Contains("vmdeck", "● live", "ns team-a")
	d.Resize(40, 24)
	d.Contains("vmdeck", "● live")
}

func TestFrameIsKept(t *testing.T) {
	_, m, _ := start(t, 80, 24)
	m.View()
	for _, msg := range []tea.Msg{tea.EnvMsg{}, struct{}{}, changed{}, tea.MouseMotionMsg{}} {
		m.Update(msg)
		if m.dirty {
			t.Errorf("%T asks for a new frame", msg)
		}
	}
	m.Update(changed{[]*thing{{id: "id-001", name: "vm-001", status: "Stopped"}}})
	if !m.dirty {
		t.Error("a changed row does not ask for a new frame")
	}
}

func TestHostileText(t *testing.T) {
	d, _, _ := start(t, 80, 24)
	evil := "\x1b]0;evil\x07\u202e\x1b[2Jvm\n\x9b31m"
	d.Send(changed{[]*thing{{id: "id-000", name: evil, status: evil}}}, toastMsg{theme.Bad, evil})
	d.Keys("G", "x", "esc", "d", "esc", "s", "esc", "enter")
	d.Contains("vm")
}

func TestWantSync(t *testing.T) {
	for _, tt := range []struct {
		env  map[string]string
		want bool
	}{
		{map[string]string{"TERM": "xterm-256color"}, false},
		{map[string]string{"TERM": "xterm-256color", "SSH_TTY": "/dev/pts/1"}, true},
		{map[string]string{"TERM": "dumb", "SSH_TTY": "/dev/pts/1"}, false},
		{map[string]string{"TERM": "xterm", "SSH_CONNECTION": "x", "VMDECK_NO_SYNC": "1"}, false},
	} {
		if got := WantSync(func(k string) string { return tt.env[k] }); got != tt.want {
			t.Errorf("WantSync(%v) = %v", tt.env, got)
		}
	}
}

func TestLongLinesInKeyBar(t *testing.T) {
	d, _, _ := start(t, 60, 12)
	d.Send(toastMsg{theme.Warn, strings.Repeat("long ", 40)})
	d.Contains("▲ long long")
}

// pasted is a page that keeps what was pasted.
type pasted struct {
	*listPage
	got string
}

func (p *pasted) Update(msg tea.Msg) tea.Cmd {
	if paste, ok := msg.(tea.PasteMsg); ok {
		p.got = paste.Content
	}
	return nil
}

// Terminals send carriage returns for the line ends of what is pasted.
func TestPasteHasLines(t *testing.T) {
	th := theme.New(theme.Options{})
	p := &pasted{listPage: newListPage(th, "VMs", 1)}
	m := New(Options{Theme: th, Pages: []Page{p}})
	for _, text := range []string{"a:\r  b: 1\r", "a:\r\n  b: 1\r\n", "a:\n  b: 1\n"} {
		if m.Update(tea.PasteMsg{Content: text}); p.got != "a:\n  b: 1\n" {
			t.Errorf("%q arrives as %q", text, p.got)
		}
	}
}
