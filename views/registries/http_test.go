package registries

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"

	"vmdeck.dev/vmdeck/config"
	"vmdeck.dev/vmdeck/kube"
	"vmdeck.dev/vmdeck/kube/profile"
	"vmdeck.dev/vmdeck/ui/theme"
	"vmdeck.dev/vmdeck/views/deck"
	"vmdeck.dev/vmdeck/views/internal/fakeapi"
)

// finding runs the test of one registry as the page does, and returns what the page says of it.
func finding(t *testing.T, entry config.Registry) string {
	t.Helper()
	d := deck.Open(t.Context(), fakeapi.New().Connect(t, kube.Target{Context: "demo"}), deck.Options{
		Theme: theme.New(theme.Options{NoColor: true}), Profiles: uses(t), Registries: &memory{entries: []config.Registry{entry}},
	})
	t.Cleanup(d.Close)
	p := New(d)
	p.ctx, p.cancel = context.WithCancel(d.Context())
	t.Cleanup(p.cancel)
	all := profile.OpenRegistries([]config.Registry{entry})
	p.take(opened{added: []config.Registry{entry}, all: all})
	p.learn(tested{all[1], try(t.Context(), all[1])})
	if !p.list.Select(entry.Name) {
		t.Fatalf("%s is not listed", entry.Name)
	}
	p.Update(tea.WindowSizeMsg{})
	return theme.Strip(strings.Join(strings.Fields(p.View(200, 40)), " "))
}

// TestOverTheWire holds what is said of real servers, and of those that are none.
func TestOverTheWire(t *testing.T) {
	serve := func(status int, body string) string {
		s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(status)
			_, _ = w.Write([]byte(body))
		}))
		t.Cleanup(s.Close)
		return s.URL
	}
	gone := httptest.NewServer(http.NotFoundHandler())
	gone.Close()
	for name, tt := range map[string]struct{ url, want string }{
		"empty":     {serve(http.StatusOK, "apiVersion: v1\nentries: {}\n"), "there are no packs in it"},
		"malformed": {serve(http.StatusOK, "<html>\x1b[2J not an index: [</html>"), "index.yaml"},
		"missing":   {serve(http.StatusNotFound, "gone"), "404"},
		"refused":   {gone.URL, "connection refused"},
	} {
		t.Run(name, func(t *testing.T) {
			got := finding(t, config.Registry{Name: name, Kind: "http", URL: tt.url})
			if !strings.Contains(got, tt.want) || !strings.Contains(got, "✗ cannot be used") || !strings.Contains(got, tt.url) {
				t.Errorf("the page says\n%s\nwant %q", got, tt.want)
			}
			if strings.ContainsRune(got, '\x1b') {
				t.Error("what the server said acts on the terminal")
			}
		})
	}
	t.Run("folder", func(t *testing.T) {
		if got := finding(t, config.Registry{Name: "folder", Kind: "folder", URL: charts(t)}); !strings.Contains(got, "● 1 pack") {
			t.Errorf("the page says\n%s", got)
		}
	})
}
