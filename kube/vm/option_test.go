package vm

import (
	"maps"
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/util/validation"
	"pgregory.net/rapid"
)

func TestGracePeriodOption(t *testing.T) {
	for text, want := range map[string]int64{"0": 0, "30": 30, "30s": 30, " 5 ": 5, "2147483647": 2147483647} {
		var o Options
		if err := gracePeriodOption.Set(text, &o); err != nil || o.GracePeriod == nil || *o.GracePeriod != want {
			t.Errorf("%q: %v, %v", text, o.GracePeriod, err)
		}
	}
	seconds := int64(7)
	for _, text := range []string{"", "  "} {
		o := Options{GracePeriod: &seconds}
		if err := gracePeriodOption.Set(text, &o); err != nil || o.GracePeriod != nil {
			t.Errorf("%q does not mean the VM's own: %v, %v", text, o.GracePeriod, err)
		}
	}
	for _, text := range []string{"-1", "1.5", "soon", "30m", "s", "2147483648", "99999999999999999999", "0x10"} {
		o := Options{GracePeriod: &seconds}
		if err := gracePeriodOption.Set(text, &o); err == nil || !strings.Contains(err.Error(), text) {
			t.Errorf("%q is taken, or its error does not name it: %v", text, err)
		}
		if o.GracePeriod != &seconds {
			t.Errorf("%q changed the options", text)
		}
	}
}

func TestNodeSelectorOption(t *testing.T) {
	for text, want := range map[string]map[string]string{
		"":                                 nil,
		" ":                                nil,
		"zone=a":                           {"zone": "a"},
		"zone=a, disk=ssd":                 {"zone": "a", "disk": "ssd"},
		"kubernetes.io/hostname=node-1":    {"kubernetes.io/hostname": "node-1"},
		"node-role.kubernetes.io/compute=": {"node-role.kubernetes.io/compute": ""},
	} {
		o := Options{NodeSelector: map[string]string{"old": "one"}}
		if err := nodeSelectorOption.Set(text, &o); err != nil || !maps.Equal(o.NodeSelector, want) {
			t.Errorf("%q: %v, %v", text, o.NodeSelector, err)
		}
	}
	for _, text := range []string{"zone", "zone!=a", "zone in (a,b)", "a=b=c", "=x", "zone=ä"} {
		var o Options
		if err := nodeSelectorOption.Set(text, &o); err == nil || !strings.Contains(err.Error(), text) || o.NodeSelector != nil {
			t.Errorf("%q: %v, %v", text, o.NodeSelector, err)
		}
	}
}

func TestCloneNameOption(t *testing.T) {
	for text, want := range map[string]string{"": "", "web-2": "web-2", " web ": "web", "a.b": "a.b"} {
		o := Options{CloneName: "old"}
		if err := cloneNameOption.Set(text, &o); err != nil || o.CloneName != want {
			t.Errorf("%q: %q, %v", text, o.CloneName, err)
		}
	}
	for _, text := range []string{"Web", "web_2", "-web", "web-", "we b", strings.Repeat("x", 254)} {
		if err := cloneNameOption.Set(text, &Options{}); err == nil || !strings.Contains(err.Error(), text) {
			t.Errorf("%q: %v", text, err)
		}
	}
}

// What the form proposes must pass its own check, however long the VM's name is and wherever it is cut.
func TestProposedCloneNameIsValid(t *testing.T) {
	name := rapid.StringMatching(`[a-z0-9]([-a-z0-9.]{0,80}[a-z0-9])?`).
		Filter(func(s string) bool { return len(validation.IsDNS1123Subdomain(s)) == 0 })
	for _, cut := range []string{".", "-", "-.-"} {
		name := strings.Repeat("a", 57-len(cut)) + cut + "bbb"
		if proposed := cloneNameOption.Default(&Row{Name: name}); cloneNameOption.Set(proposed, &Options{}) != nil || strings.Contains(proposed, "--") {
			t.Errorf("cut behind %q: %q", cut, proposed)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		proposed := cloneNameOption.Default(&Row{Name: name.Draw(t, "name")})
		if err := cloneNameOption.Set(proposed, &Options{}); err != nil || len(proposed) > 63 || !strings.HasSuffix(proposed, "-clone") {
			t.Fatalf("%q: %v", proposed, err)
		}
	})
}

func TestOptionsExplainThemselves(t *testing.T) {
	for _, a := range Actions() {
		seen := map[string]bool{}
		for _, o := range a.Asks {
			if o.ID == "" || o.Title == "" || o.Help == "" || o.Set == nil || seen[o.ID] {
				t.Errorf("%s: option %q", a.ID, o.ID)
			}
			seen[o.ID] = true
		}
	}
}
