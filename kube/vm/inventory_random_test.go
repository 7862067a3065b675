package vm

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// world is a server, an inventory that looks at it, and what the user of the inventory may see.
type world struct {
	*apiServer
	*screen
	watched []string // given to SetNamespaces
}

var (
	worldNamespaces = []string{"a", "b"}
	worldNames      = []string{"web", "db"}
	worldKinds      = []Kind{Machines, Instances, Migrations}
)

// Whatever happens to objects, connections, versions and rights, the Deltas add up to what the user may see.
func TestDeltasAddUpToWhatIsThere(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		w := &world{apiServer: newAPIServer(t)}
		w.screen = show(t, w.apiServer, Scope{All: true})
		defer w.apiServer.stop()
		defer w.screen.stop()
		w.watch(rapid.SampledFrom([][]string{nil, {"a"}, {"a", "b"}}).Draw(rt, "namespaces"))
		rt.Repeat(map[string]func(*rapid.T){
			"vm":        func(rt *rapid.T) { w.changeMachine(rt) },
			"instance":  func(rt *rapid.T) { w.changeInstance(rt) },
			"migration": func(rt *rapid.T) { w.changeMigration(rt) },
			"fault": func(rt *rapid.T) {
				switch rapid.IntRange(0, 3).Draw(rt, "fault") {
				case 0:
					w.breakConnections()
				case 1:
					w.expire()
				case 2:
					kind := rapid.SampledFrom(worldKinds).Draw(rt, "kind")
					namespace := rapid.SampledFrom(append(worldNamespaces, "")).Draw(rt, "namespace")
					w.refuse(kind, namespace, rapid.SampledFrom([]int{0, http.StatusForbidden}).Draw(rt, "status"))
				case 3:
					w.watch(rapid.SampledFrom([][]string{nil, {"a"}, {"b"}, {"a", "b"}}).Draw(rt, "namespaces"))
				}
			},
			"settle": func(rt *rapid.T) { w.settle(rt) },
		})
		w.settle(rt)
	})
}

func (w *world) watch(namespaces []string) {
	w.watched = namespaces
	w.inv.SetNamespaces(namespaces)
}

func draw(rt *rapid.T) metadata {
	return named(rapid.SampledFrom(worldNamespaces).Draw(rt, "namespace"), rapid.SampledFrom(worldNames).Draw(rt, "name"))
}

// change puts, replaces or deletes an object.
func (w *world) change(rt *rapid.T, kind Kind, o object) {
	switch rapid.IntRange(0, 3).Draw(rt, "change") {
	case 0:
		w.delete(kind, o.Metadata.key())
	case 1:
		w.replace(kind, o)
	default:
		w.put(kind, o)
	}
}

func (w *world) changeMachine(rt *rapid.T) {
	m := draw(rt)
	w.change(rt, Machines, aMachine(m.Namespace, m.Name, rapid.SampledFrom([]string{"Always", "Halted", "Manual"}).Draw(rt, "strategy")))
}

func (w *world) changeInstance(rt *rapid.T) {
	m := draw(rt)
	o := anInstance(m.Namespace, m.Name, rapid.SampledFrom([]string{"node-1", "node-2"}).Draw(rt, "node"))
	if rapid.Bool().Draw(rt, "owned") {
		o = owned(o)
	}
	w.change(rt, Instances, o)
}

func (w *world) changeMigration(rt *rapid.T) {
	m := draw(rt)
	phase := rapid.SampledFrom([]string{"Pending", "Running", "Failed"}).Draw(rt, "phase")
	o := aMigration(m.Namespace, rapid.SampledFrom([]string{"mig-1", "mig-2"}).Draw(rt, "migration"), m.Name, phase)
	if phase != "Failed" {
		for _, other := range w.objects[Migrations] { // KubeVirt admits one migration of an instance at a time
			if other.Metadata.key() != o.Metadata.key() && other.Metadata.Namespace == m.Namespace && other.Spec["vmiName"] == m.Name && other.Status["phase"] != "Failed" {
				return
			}
		}
	}
	if before, ok := w.objects[Migrations][o.Metadata.key()]; ok && before.Spec["vmiName"] != m.Name {
		w.replace(Migrations, o) // the instance that it is for cannot be changed
		return
	}
	w.change(rt, Migrations, o)
}

// settle waits until the screen shows what may be seen.
func (w *world) settle(rt *rapid.T) {
	want := w.visible()
	deadline, tick := time.After(5*time.Second), time.NewTicker(2*time.Millisecond)
	defer tick.Stop()
	for {
		w.take()
		if slices.Equal(w.shown(), want) {
			return
		}
		w.cluster.Health().RetryNow()
		select {
		case <-tick.C:
		case <-deadline:
			rt.Fatalf("there stands\n%s\nthere is\n%s\nrefused %v, watched %v", strings.Join(w.shown(), "\n"), strings.Join(want, "\n"), w.refused, w.watched)
		}
	}
}

func (w *world) shown() []string {
	var rows []string
	for _, r := range w.rows {
		migration := ""
		if r.Migration != nil {
			migration = r.Migration.Name + " " + r.Migration.Phase
		}
		rows = append(rows, fmt.Sprintf("%s uid=%s version=%s vm=%v %s node=%s migration=%s", r.Key(), r.UID, r.ResourceVersion, r.HasVM, r.RunStrategy, r.Node, migration))
	}
	slices.Sort(rows)
	return rows
}

// visible says what the rows should be, from the server's objects and rights.
func (w *world) visible() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	keys := maps.Clone(w.objects[Machines])
	if keys == nil {
		keys = map[string]object{}
	}
	maps.Copy(keys, w.objects[Instances])
	var rows []string
	for key, o := range keys {
		if row := w.visibleRow(key, o.Metadata.Namespace); row != "" {
			rows = append(rows, row)
		}
	}
	slices.Sort(rows)
	return rows
}

func (w *world) visibleRow(key, namespace string) string {
	vm, hasVM := w.objects[Machines][key]
	vmi, hasVMI := w.objects[Instances][key]
	hasVM, hasVMI = hasVM && w.may(Machines, namespace), hasVMI && w.may(Instances, namespace)
	// Where nobody looks for VMs it stays unknown whether an instance's owner exists.
	unknown := w.refused[string(Machines)+"@"] != 0 && !slices.Contains(w.watched, namespace)
	if !hasVM && (!hasVMI || len(vmi.Metadata.Owners) > 0 && unknown) {
		return ""
	}
	identity, strategy, node, migration := vmi.Metadata, "", "", ""
	if hasVM {
		identity, strategy = vm.Metadata, vm.Spec["runStrategy"].(string)
	}
	if hasVMI {
		node = vmi.Status["nodeName"].(string)
	}
	for _, m := range w.objects[Migrations] {
		if m.Metadata.Namespace+"/"+m.Spec["vmiName"].(string) == key && m.Status["phase"] != "Failed" && w.may(Migrations, namespace) {
			migration = fmt.Sprint(m.Metadata.Name, " ", m.Status["phase"])
		}
	}
	return fmt.Sprintf("%s uid=%s version=%s vm=%v %s node=%s migration=%s", key, identity.UID, identity.ResourceVersion, hasVM, strategy, node, migration)
}

// may says whether the user sees a kind in a namespace: across the cluster, or else there where it is watched.
func (w *world) may(kind Kind, namespace string) bool {
	return w.refused[string(kind)+"@"] == 0 || slices.Contains(w.watched, namespace) && w.refused[string(kind)+"@"+namespace] == 0
}
