package vm

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

var filterRows = []*Row{
	{
		Name: "web-1", Namespace: "team-a", HasVM: true, Status: StatusRunning, Node: "node-1", OS: "Fedora Linux 43", RunStrategy: "Always",
		IPs: []string{"10.0.0.1", "fd00::1"}, Labels: map[string]string{"App": "Web", "tier": "front"}, Instancetype: "u1.small",
	},
	{
		Name: "db", Namespace: "team-b", HasVM: true, Status: StatusMigrating, Node: "node-2", OS: "Ubuntu 24.04", RunStrategy: "Manual",
		IPs: []string{"10.0.0.12"}, Migration: &Migration{Source: "node-2", Target: "node-9"}, Protected: true,
	},
	{Name: "lost", Namespace: "team-b", Status: StatusStopped},
	{Name: "broken", Namespace: "web", HasVM: true, Status: StatusErrImagePull, RunStrategy: "Halted"},
	{Name: "warned", Namespace: "x", HasVM: true, Status: StatusRunning, Attention: []Condition{{Type: "RestartRequired"}}},
}

func TestFilter(t *testing.T) {
	const all = "web-1 db lost broken warned"
	tests := []struct{ query, want string }{
		{"", all},
		{"   ", all},
		{"!", all},
		{`""`, all},
		{"web", "web-1 broken"}, // name and namespace
		{"WEB-", "web-1"},
		{"fedora", "web-1"},
		{"node-2", "db"},
		{"10.0.0.1", "web-1 db"},
		{"10.0.0.12", "db"},
		{"0.0.1", ""}, // addresses are compared from their beginning
		{"fd00::1", "web-1"},
		{"FD00::", "web-1"},
		{"!fd00::", "db lost broken warned"},
		{"face::1", ""}, // hexadecimal letters before a colon are an address, no key
		{"::1", ""},
		{"vm2:8080", ""},      // no key has digits
		{"team web", "web-1"}, // all terms must match
		{"!team", "broken warned"},
		{"team !web", "db lost"},
		{`"fedora linux"`, "web-1"},
		{`fedora linux`, "web-1"},
		{`"linux fedora"`, ""},
		{`os:"fedora linux"`, "web-1"},
		{`!os:"fedora linux"`, "db lost broken warned"},
		{`"team-b`, "db lost"}, // an open quote reaches to the end
		{`"ubuntu 24`, "db"},
		{"status:running", "web-1 warned"},
		{"status:run", "web-1 warned"},
		{"status:unning", ""},
		{"STATUS:Running", "web-1 warned"},
		{"status:", all}, // being typed
		{"!status:", all},
		{"node:node-9", "db"},
		{"node:node", "web-1 db"},
		{"ns:TEAM-B", "db lost"},
		{"namespace:team-b", "db lost"},
		{"os:ubuntu", "db"},
		{"ip:fd00::1", "web-1"},
		{"ip:10.0.0.12", "db"},
		{"ip:0.0.1", ""},
		{"type:small", "web-1"},
		{"strategy:man", "db"},
		{"label:app", "web-1"},
		{"label:app=web", "web-1"},
		{"label:app=we", ""},
		{"label:TIER=Front", "web-1"},
		{"label:=", ""},
		{"is:problem", "broken warned"},
		{"is:migrating", "db"},
		{"is:protected", "db"},
		{"is:stray", "lost"},
		{"is:STR", "lost"},
		{"!is:problem !is:stray", "web-1 db"},
		{"ns:team-b status:stopped", "lost"},
	}
	for _, tt := range tests {
		f, err := ParseFilter(tt.query)
		if err != nil {
			t.Errorf("%q: %v", tt.query, err)
			continue
		}
		var got []string
		for _, r := range filterRows {
			if f.Match(r) {
				got = append(got, r.Name)
			}
		}
		if strings.Join(got, " ") != tt.want {
			t.Errorf("%q lets through %q, want %q", tt.query, strings.Join(got, " "), tt.want)
		}
		if empty := strings.Trim(tt.query, ` !"`) == "" || strings.HasSuffix(tt.query, "status:"); f.Empty() != empty {
			t.Errorf("%q: Empty is %v", tt.query, f.Empty())
		}
	}
}

func TestFilterErrorsNameTheTerm(t *testing.T) {
	for query, want := range map[string]string{
		"web colour:red": "colour:", "!Size:3": "Size:", "is:green": "is:green", "name:": "name:", "http://x": "http:",
	} {
		_, err := ParseFilter(query)
		if err == nil || !strings.Contains(strings.ToLower(err.Error()), strings.ToLower(want)) {
			t.Errorf("%q: error %v does not name %s", query, err, want)
		}
	}
	_, err := ParseFilter("colour:red")
	for _, k := range FilterKeys() {
		if err == nil || !strings.Contains(err.Error(), k[0]) {
			t.Errorf("the error does not tell of %s: %v", k[0], err)
		}
	}
}

func TestFilterKeysWork(t *testing.T) {
	for _, k := range FilterKeys() {
		if k[1] == "" || !strings.HasSuffix(k[0], ":") {
			t.Errorf("key %q is explained by %q", k[0], k[1])
		}
		value := "x"
		if k[0] == "is:" {
			for _, value := range []string{"problem", "migrating", "protected", "stray"} {
				if !strings.Contains(k[1], value) {
					t.Errorf("the help of is: lacks %s", value)
				}
			}
			value = "stray"
		}
		if f, err := ParseFilter(k[0] + value); err != nil || f.Empty() {
			t.Errorf("%s%s: %v", k[0], value, err)
		}
	}
}

func TestTroubledStatusesAreListedFirst(t *testing.T) {
	troubled := func(status string) bool { return (&Row{Status: status}).Troubled() }
	for i, status := range Statuses() {
		if troubled(status) && i > 0 && !troubled(Statuses()[i-1]) {
			t.Errorf("%s stands behind %s", status, Statuses()[i-1])
		}
		if slices.Index(Statuses(), status) != i {
			t.Errorf("%s twice", status)
		}
	}
	if troubled(StatusStopped) || !troubled(StatusCrashLoopBackOff) {
		t.Error("trouble is judged wrongly")
	}
}

// Whatever is typed, parsing and matching come to an end without a panic, and ! turns a term round.
func TestFilterOfAnyText(t *testing.T) {
	word := rapid.OneOf(
		rapid.String(),
		rapid.StringMatching(`!?(status|node|ns|os|ip|label|type|strategy|is|fe80|zzz):?"?[a-zA-Z0-9 =.:!-]{0,8}`),
		rapid.SampledFrom([]string{`"`, "!", "!!", ":", "!:", " ", "is:", "K", "İ", "\xff", "os:\xff"}),
	)
	row := rapid.Custom(func(t *rapid.T) *Row {
		text := rapid.OneOf(rapid.String(), rapid.SampledFrom([]string{"Running", "web", "fe80::1", "\xff", "İK"}))
		return &Row{
			Name: text.Draw(t, "name"), Namespace: text.Draw(t, "namespace"), Status: text.Draw(t, "status"), OS: text.Draw(t, "os"),
			HasVM: rapid.Bool().Draw(t, "vm"), IPs: rapid.SliceOfN(text, 0, 2).Draw(t, "ips"), Labels: rapid.MapOfN(text, text, 0, 2).Draw(t, "labels"),
		}
	})
	rapid.Check(t, func(t *rapid.T) {
		words, r := rapid.SliceOfN(word, 1, 4).Draw(t, "words"), row.Draw(t, "row")
		if f, err := ParseFilter(strings.Join(words, " ")); err == nil {
			f.Match(r)
		}
		// Quoted, so that it is one term; what is left must be neither a negation itself nor without a value.
		x := strings.ReplaceAll(words[0], `"`, "")
		if strings.HasPrefix(x, "!") {
			return
		}
		plain, err := ParseFilter(`"` + x + `"`)
		turned, errTurned := ParseFilter(`!"` + x + `"`)
		if (err == nil) != (errTurned == nil) {
			t.Fatalf("%q: %v, turned round: %v", x, err, errTurned)
		}
		if err == nil && plain.Empty() != turned.Empty() {
			t.Fatalf("%q is empty: %v, turned round: %v", x, plain.Empty(), turned.Empty())
		}
		if err == nil && !plain.Empty() && plain.Match(r) == turned.Match(r) {
			t.Fatalf("%q and its opposite both say %v of %+v", x, plain.Match(r), *r)
		}
	})
}
