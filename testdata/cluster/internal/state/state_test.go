package state

import (
	"net"
	"os"
	"strings"
	"testing"
)

func TestPortsFromGivesEachPartItsOwn(t *testing.T) {
	for _, base := range []int{0, 20100} {
		ports, err := PortsFrom(base)
		if err != nil {
			t.Fatal(err)
		}
		seen := map[int]string{}
		for _, part := range PartNames {
			p := ports[part]
			if p == 0 || seen[p] != "" {
				t.Errorf("base %d: %s has port %d, like %q", base, part, p, seen[p])
			}
			seen[p] = part
		}
	}
}

func TestPortsFromRefusesWhatCannotBe(t *testing.T) {
	for _, base := range []int{-1, 80, 65535} {
		if _, err := PortsFrom(base); err == nil {
			t.Errorf("base %d was accepted", base)
		}
	}
}

func TestCheckFreeNamesThePartAndItsPort(t *testing.T) {
	l, err := net.Listen("tcp", Host+":0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	f := &Folder{Config: Config{Ports: map[string]int{VirtAPI: l.Addr().(*net.TCPAddr).Port}}}
	if err := f.CheckFree(VirtAPI); err == nil || !strings.Contains(err.Error(), VirtAPI) {
		t.Errorf("got %v", err)
	}
}

func TestOpenKeepsWhatWasSaved(t *testing.T) {
	f, err := Open(t.TempDir())
	if err != ErrNone {
		t.Fatal(err)
	}
	f.Config = Config{Version: Version, Mode: Stored, PortBase: 0, Ports: map[string]int{Etcd: 4711}, Seeded: 7}
	if err := f.Save(); err != nil {
		t.Fatal(err)
	}
	again, err := Open(f.Dir)
	if err != nil {
		t.Fatal(err)
	}
	if again.Config.Seeded != 7 || again.Port(Etcd) != 4711 || again.Config.Mode != Stored {
		t.Errorf("got %+v", again.Config)
	}
}

func TestOpenRefusesAnotherVersion(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(dir+"/cluster.json", []byte(`{"version":99}`), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(dir); err == nil || !strings.Contains(err.Error(), "version 99") {
		t.Errorf("got %v", err)
	}
}

func TestTokensStayTheSame(t *testing.T) {
	f := &Folder{Dir: t.TempDir()}
	first, err := f.Tokens()
	if err != nil {
		t.Fatal(err)
	}
	second, err := f.Tokens()
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range allIdentities() {
		if first[id.User] == "" || first[id.User] != second[id.User] {
			t.Errorf("%s: %q, then %q", id.User, first[id.User], second[id.User])
		}
	}
}
