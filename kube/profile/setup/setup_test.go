package setup

import (
	"errors"
	"testing"
	"time"

	"vmdeck.dev/vmdeck/kube/profile"
)

func TestWhoConnects(t *testing.T) {
	for identity, want := range map[string]bool{"palette": false, "noauth": false, "tenant": true, "none": true, "": false, "own": false} {
		if have := (State{Known: Found, IdentityProvider: word(identityWords, identity)}).Connect(); have != want {
			t.Errorf("%q: connect is %v", identity, have)
		}
	}
	if (State{Known: Forbidden, IdentityProvider: Tenant}).Connect() {
		t.Error("one connects because of what may not be read")
	}
}

func TestIssuer(t *testing.T) {
	s := State{Issuer: "https://issuer.example/"}
	if !s.Issues("https://issuer.example") || s.Issues("https://other.example") || (State{}).Issues("") {
		t.Error("issuers are not compared")
	}
	if !s.Names("https://issuer.example/#alice") || s.Names("alice") || (State{}).Names("#alice") {
		t.Error("the name that the API server gives is not known")
	}
}

func TestFrom(t *testing.T) {
	for want, s := range map[string]State{
		"":                            {Known: None},
		"the profile vm-platform 1.0": {Known: Found, Pack: "p", Profile: profile.Ref{Name: "vm-platform", Version: "1.0"}},
		"the pack p 2.0":              {Known: Found, Pack: "p", PackVersion: "2.0"},
		"the pack p":                  {Known: Found, Pack: "p"},
	} {
		if have := s.From(); have != want {
			t.Errorf("from %q, want %q", have, want)
		}
	}
}

// A server that has just started refuses everything for a moment; a refusal that lasts is one.
func TestRefusalsAreBelievedInTime(t *testing.T) {
	var k keeper
	found, refused, away := State{Known: Found, Pack: "p"}, State{Known: Forbidden, Err: errors.New("no")}, State{Known: Unreachable, Err: errors.New("gone")}
	step := func(s State, differs bool, known Known) {
		t.Helper()
		have, pause := k.take(s)
		if have != differs || k.last.Known != known || pause <= 0 {
			t.Errorf("after %+v: differs %v, known %d, pause %s", s, have, k.last.Known, pause)
		}
	}
	step(away, true, Unreachable)
	step(found, true, Found)
	step(away, false, Found)
	step(refused, false, Found)
	step(refused, false, Found)
	step(found, false, Found)
	step(refused, false, Found)
	step(refused, false, Found)
	step(refused, true, Forbidden)
	step(State{Known: Forbidden, Err: errors.New("in other words")}, false, Forbidden)
	if _, pause := k.take(found); pause < time.Minute {
		t.Errorf("read again after %s", pause)
	}
}
