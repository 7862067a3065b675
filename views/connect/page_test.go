package connect

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"vmdeck.dev/vmdeck/config"
	"vmdeck.dev/vmdeck/kube"
	"vmdeck.dev/vmdeck/kube/profile/setup"
	"vmdeck.dev/vmdeck/views/deck"
	"vmdeck.dev/vmdeck/views/internal/drive"
	"vmdeck.dev/vmdeck/views/internal/fakeapi"
	"vmdeck.dev/vmdeck/views/internal/stage"
)

// connectAs chooses a user and waits for who that is.
func connectAs(name string) func(w *world) {
	return func(w *world) {
		w.Press("enter")
		w.Type(name)
		w.Press("enter")
		w.Pass(time.Second)
	}
}

func TestFrames(t *testing.T) {
	slow := setting{slow: true}
	drive.Goldens(t, inWorld, []drive.Frame[setting, *world]{
		{Name: "connect"},
		{Name: "unread", Setting: setting{prepare: func(api *fakeapi.Server) { api.Hang() }}},
		{Name: "users", Do: drive.Press[*world]("enter")},
		{Name: "logging-in", Setting: slow, Do: drive.Steps(connectAs("sso"), func(w *world) {
			w.page.Say("To sign in, open https://login.example.com/device and enter the code \x1b[1mWDJB-MJHT\x1b[0m")
			w.Pass(12 * time.Second)
		})},
		{Name: "became", Do: connectAs("sso")},
		{Name: "abroad", Do: connectAs("abroad")},
		{Name: "became-doubtful", Do: connectAs("admin")},
		{Name: "refused", Do: connectAs("ghost")},
		{Name: "connected", Setting: setting{chosen: "sso", login: fakeapi.User{Name: "alice@example.com", Groups: people["sso"].Groups}}},
		{Name: "palette", Setting: setting{identity: "palette"}},
		{Name: "nothing", Setting: setting{nothing: true}},
		{Name: "not-readable", Setting: setting{login: fakeapi.Nobody()}},
		{Name: "ascii", Setting: setting{ascii: true, prepare: func(api *fakeapi.Server) { api.Put(release("pending-upgrade")) }}},
		{Name: "hostile", Setting: setting{name: drive.Hostile}},
		{Name: "lost", Do: func(w *world) {
			w.api.Down(true)
			w.api.Cut()
			w.Pass(20 * time.Second)
		}},
	})
}

func TestNeeded(t *testing.T) {
	for name, tt := range map[string]struct {
		setting
		want bool
	}{
		"OIDC":          {setting{}, true},
		"tenant":        {setting{identity: "tenant"}, true},
		"palette":       {setting{identity: "palette"}, false},
		"none":          {setting{identity: "noauth"}, false},
		"no profile":    {setting{nothing: true}, false},
		"not readable":  {setting{login: fakeapi.Nobody()}, false},
		"connected":     {setting{chosen: "robot"}, false},
		"not known yet": {setting{prepare: func(api *fakeapi.Server) { api.Hang() }}, false},
		// A kubeconfig that cannot be read says nothing of an identity that is there already.
		"no kubeconfig": {setting{usersErr: errors.New("gone")}, true},
	} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, tt.setting, func(w *world) {
				if have := w.page.Needed(); have != tt.want {
					t.Errorf("needed is %v\n%s", have, w.Plain())
				}
			})
		})
	}
}

// Nobody connects twice.
func TestIdentityIsThereAlready(t *testing.T) {
	t.Run("by the kubeconfig", func(t *testing.T) {
		inWorld(t, setting{}, func(w *world) {
			w.page.users[0] = config.User{Name: "admin", Login: config.LoginExec, Issuer: issuer + "/", Current: true}
			w.Send(deck.Tick{Now: time.Now()})
			if w.page.Needed() {
				t.Error("who logs in at the provider has to connect")
			}
			w.Contains("You have an identity of the OIDC provider: the kubeconfig user admin logs in there.")
		})
	})
	t.Run("by the name", func(t *testing.T) {
		u := administrator()
		u.Name = issuer + "#alice"
		inWorld(t, setting{login: u}, func(w *world) {
			if w.page.Needed() {
				t.Error("who is named by the provider has to connect")
			}
			w.Contains("the API server names you by it")
		})
	})
}

func TestConnecting(t *testing.T) {
	inWorld(t, setting{}, func(w *world) {
		connectAs("sso")(w)
		w.Contains("You become alice@example.com", "oidc:vm-operators", "Open Virtual Machines")
		w.Press("enter") // Cancel has the focus
		if len(w.entered()) > 0 {
			t.Fatalf("entered %v", w.entered())
		}
		connectAs("sso")(w)
		w.Press("right", "enter")
		if !slices.Equal(w.entered(), []string{"sso"}) {
			t.Fatalf("entered %v\n%s", w.entered(), w.Plain())
		}
	})
}

// The login of another cluster is not sent to this one's server before that was confirmed.
func TestLoginOfAnotherCluster(t *testing.T) {
	inWorld(t, setting{}, func(w *world) {
		connectAs("abroad")(w)
		w.Contains("Send the login of another cluster?", "the user abroad for other clusters only")
		w.Press("enter") // Cancel has the focus
		if len(w.opened) > 0 {
			t.Fatalf("logged in as %v", w.opened)
		}
		connectAs("abroad")(w)
		w.Press("y") // not by a slip
		w.Press("right", "enter")
		w.Pass(time.Second)
		w.Contains("You become eve")
	})
}

func TestDoubts(t *testing.T) {
	s := setup.State{Known: setup.Found, Issuer: issuer}
	me := kube.Identity{User: "me"}
	for name, tt := range map[string]struct {
		user config.User
		who  kube.Identity
		want string
	}{
		"theirs":      {config.User{Login: config.LoginExec, Issuer: issuer}, kube.Identity{User: "alice"}, ""},
		"by name":     {config.User{Login: config.LoginExec}, kube.Identity{User: issuer + "#alice"}, ""},
		"another":     {config.User{Login: config.LoginExec, Issuer: "https://x"}, kube.Identity{User: "alice"}, "from https://x and not from"},
		"not said":    {config.User{Login: config.LoginToken}, kube.Identity{User: "alice"}, "does not say whether"},
		"certificate": {config.User{Login: config.LoginCertificate}, kube.Identity{User: "alice"}, "with a certificate, which is no identity of"},
		"nothing":     {config.User{Login: config.LoginNone}, kube.Identity{User: "alice"}, "with no credentials, which"},
		"oneself":     {config.User{Login: config.LoginExec, Issuer: issuer}, me, "who you are now"},
		"everything":  {config.User{Login: config.LoginExec, Issuer: issuer}, kube.Identity{User: "root", Groups: []string{"system:masters"}}, "may do everything"},
	} {
		have := strings.Join(doubts(tt.user, tt.who, me, s), " ")
		if tt.want == "" && have != "" || !strings.Contains(have, tt.want) {
			t.Errorf("%s: %q, want %q", name, have, tt.want)
		}
	}
}

func TestAuthProvidersAreNotOffered(t *testing.T) {
	inWorld(t, setting{}, func(w *world) {
		connectAs("old")(w)
		w.Contains("use an exec plugin such as kubelogin")
		if w.page.try != nil {
			t.Error("it is tried")
		}
	})
}

func TestLoginIsGivenUp(t *testing.T) {
	inWorld(t, setting{slow: true}, func(w *world) {
		connectAs("sso")(w)
		w.Contains("Logging in as sso")
		if w.page.Busy() == "" {
			t.Error("quitting would not ask")
		}
		w.Press("esc")
		w.Lacks("Logging in as sso")
		close(w.hang)
		w.Pass(time.Second)
		w.Lacks("You become")
		if w.page.Busy() != "" {
			t.Error(w.page.Busy())
		}
	})
}

func TestLoginFails(t *testing.T) {
	inWorld(t, setting{slow: true}, func(w *world) {
		w.fails = errors.New("getting credentials: exec: executable kubelogin failed with exit code 3")
		connectAs("sso")(w)
		w.page.Say("error: the refresh token has expired")
		close(w.hang)
		w.Pass(time.Second)
		w.Contains("You are not connected", "Log in as the kubeconfig user sso: the credential plugin brought no login: exec: executable", "Its plugin said",
			"error: the refresh token has expired", "Log in with its plugin in another terminal")
		w.Press("esc")
		connectAs("robot")(w)
		w.Contains("You are not connected", "Put its login in order in the kubeconfig")
		w.Lacks("Its plugin said")
	})
}

func TestKeys(t *testing.T) {
	inWorld(t, setting{chosen: "sso"}, func(w *world) {
		w.Press("p")
		if asked, ok := stage.Asked[deck.ShowProfiles](w.Stage); !ok || asked.Ref.String() != "vm-platform 2.0.0" {
			t.Errorf("asked for %+v", asked)
		}
		w.Press("y")
		want := "contexts:\n  \"demo\":\n    server: \"https://demo.proxy.example.com\"\n    tlsServerName: \"demo.proxy.example.com\""
		if len(w.Copied) == 0 || strings.TrimSpace(w.Copied[0]) != want {
			t.Errorf("copied %q", w.Copied)
		}
		w.Press("d")
		if !slices.Equal(w.entered(), []string{""}) {
			t.Errorf("entered %v", w.entered())
		}
	})
	inWorld(t, setting{nothing: true}, func(w *world) {
		w.Press("d")
		w.Contains("disconnect: you are connected as the context's own user")
		w.Pass(10 * time.Second)
		w.Press("y")
		w.Contains("copy lines: no proxy's address is known")
	})
}

// TestRandomKeys presses whatever comes while settings change. The driver holds every frame to the size of the terminal.
func TestRandomKeys(t *testing.T) {
	keys := []string{"enter", "esc", "d", "p", "y", "j", "k", "g", "G", "/", "n", "w", "a", "s", "o", "R", "C", "?", "tab", "left", "right", "space", "backspace"}
	drive.Check(t, func(tb testing.TB, r *rapid.T) {
		w := begin(tb, setting{
			ascii: rapid.Bool().Draw(r, "ascii"), slow: rapid.Bool().Draw(r, "slow"), chosen: rapid.SampledFrom([]string{"", "sso", "gone"}).Draw(r, "chosen"),
			name: rapid.SampledFrom([]string{"demo", drive.Hostile}).Draw(r, "name"),
		})
		others := []func(){
			func() {
				operated(w.api, rapid.SampledFrom([]string{"none", "palette", drive.Hostile}).Draw(r, "identity"))
			},
			func() { w.api.Delete("configmaps", "vm-dashboard", "virtual-machine-orchestrator") },
			func() { w.page.Say(drive.Hostile) },
			func() {
				w.api.Become(rapid.SampledFrom([]fakeapi.User{administrator(), fakeapi.Nobody()}).Draw(r, "user"))
			},
		}
		for range rapid.IntRange(1, 25).Draw(r, "steps") {
			w.Random(r, keys, others...)
		}
	})
}
