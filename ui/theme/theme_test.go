package theme

import (
	"reflect"
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"
)

func TestPaint(t *testing.T) {
	th := New(Options{Dark: true})
	if got := th.Paint(Good, "up"); got != "\x1b[32mup\x1b[m" {
		t.Errorf("Paint(Good) = %q", got)
	}
	if got := th.Paint(Normal, "up"); got != "up" {
		t.Errorf("Paint(Normal) = %q", got)
	}
	if got := th.Paint(Bad, ""); got != "" {
		t.Errorf("Paint of nothing = %q", got)
	}
	if got := th.Paint(200, "x"); got != "x" {
		t.Errorf("unknown tone = %q", got)
	}
	for tone := range toneEnd {
		if got, want := Strip(th.Paint(tone, "x")), Strip(th.Style(tone).Render("x")); got != want {
			t.Errorf("tone %d: %q, want %q", tone, got, want)
		}
	}
}

// TestOnlyPaletteColours holds the promise that the user's sixteen colours are the only ones.
func TestOnlyPaletteColours(t *testing.T) {
	for _, dark := range []bool{true, false} {
		th := New(Options{Dark: dark})
		for tone := range toneEnd {
			if p := th.prefix[tone]; strings.Contains(p, "38;") || strings.Contains(p, "48;") {
				t.Errorf("tone %d uses %q", tone, p)
			}
		}
	}
}

func TestNoColor(t *testing.T) {
	for _, o := range []Options{{NoColor: true}, {Name: "plain"}} {
		th := New(o)
		for tone := range toneEnd {
			for _, param := range strings.Split(strings.Trim(th.prefix[tone], "\x1b[m"), ";") {
				switch param {
				case "", "1", "2", "4", "7":
				default:
					t.Errorf("tone %d uses SGR %s", tone, param)
				}
			}
		}
	}
}

func TestGlyphsAreOneCell(t *testing.T) {
	for name, g := range map[string]Glyphs{"unicode": unicodeGlyphs, "ascii": asciiGlyphs} {
		v := reflect.ValueOf(g)
		for i := range v.NumField() {
			f := v.Field(i)
			if f.Kind() != reflect.String {
				continue
			}
			s := f.String()
			if ansi.StringWidth(s) != 1 || ansi.StringWidthWc(s) != 1 {
				t.Errorf("%s: %s is %q", name, v.Type().Field(i).Name, s)
			}
			if g.ASCII && (len(s) != 1 || s[0] > 0x7e) {
				t.Errorf("%s: %s is %q", name, v.Type().Field(i).Name, s)
			}
		}
	}
}
