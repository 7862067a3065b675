package vm

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json"
)

// decode reads JSON as a stream does: with the same library into the slim types.
func decode[T any](t *testing.T, text string) *T {
	t.Helper()
	if text == "" {
		return nil
	}
	object := new(T)
	if err := json.Unmarshal([]byte(text), object); err != nil {
		t.Fatalf("decode %s: %v", text, err)
	}
	return object
}

// vmJSON is a VirtualMachine team/web; spec and status are fragments of JSON.
func vmJSON(spec, status string) string {
	return fmt.Sprintf(`{"metadata":{"namespace":"team","name":"web","uid":"vm-1","resourceVersion":"7"},"spec":{%s},"status":{%s}}`, spec, status)
}

func vmiJSON(spec, status string) string {
	return fmt.Sprintf(`{"metadata":{"namespace":"team","name":"web","uid":"vmi-1","resourceVersion":"9"},"spec":{%s},"status":{%s}}`, spec, status)
}

func domain(text string) string { return `"domain":{` + text + `}` }

func template(text string) string { return `"template":{"spec":{` + text + `}}` }

func noSizes(string, string, string) (int, int64) { return 0, 0 }

func joined(t *testing.T, vm, vmi, vmim string) *Row {
	t.Helper()
	return join(decode[machine](t, vm), decode[instance](t, vmi), decode[migration](t, vmim), noSizes)
}

func TestJoinIdentityComesFromTheVirtualMachineWhereThereIsOne(t *testing.T) {
	vm, vmi := vmJSON(`"runStrategy":"Manual"`, `"printableStatus":"Running"`), vmiJSON("", `"phase":"Running","nodeName":"node-1"`)
	tests := []struct {
		name    string
		vm, vmi string
		want    Row
	}{
		{"machine alone", vm, "", Row{UID: "vm-1", ResourceVersion: "7", HasVM: true, Status: "Running", RunStrategy: "Manual"}},
		{"instance alone", "", vmi, Row{UID: "vmi-1", ResourceVersion: "9", HasInstance: true, InstanceUID: "vmi-1", Status: "Running", Phase: "Running", Node: "node-1"}},
		{"both", vm, vmi, Row{
			UID: "vm-1", ResourceVersion: "7", HasVM: true, HasInstance: true, InstanceUID: "vmi-1", Status: "Running",
			RunStrategy: "Manual", Phase: "Running", Node: "node-1",
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := joined(t, tt.vm, tt.vmi, "")
			want := tt.want
			want.Namespace, want.Name, want.ACPI, want.CPU = "team", "web", true, got.CPU
			if !reflect.DeepEqual(*got, want) {
				t.Errorf("joined\n%+v\nwant\n%+v", *got, want)
			}
			if got.ID() != want.UID || got.Key() != "team/web" {
				t.Errorf("identity %s, key %s", got.ID(), got.Key())
			}
		})
	}
}

func TestJoinFieldsOfTheVirtualMachine(t *testing.T) {
	tests := []struct {
		name string
		vm   string
		get  func(r *Row) any
		want any
	}{
		{"run strategy", vmJSON(`"runStrategy":"RerunOnFailure"`, ""), func(r *Row) any { return r.RunStrategy }, "RerunOnFailure"},
		{"legacy running", vmJSON(`"running":true`, ""), func(r *Row) any { return r.RunStrategy }, "Always"},
		{"legacy not running", vmJSON(`"running":false`, ""), func(r *Row) any { return r.RunStrategy }, "Halted"},
		{"neither means halted", vmJSON("", ""), func(r *Row) any { return r.RunStrategy }, "Halted"},
		{"no status yet", vmJSON("", ""), func(r *Row) any { return r.Status }, StatusUnknown},
		{
			"no status and being deleted", `{"metadata":{"name":"web","deletionTimestamp":"2026-01-01T00:00:00Z"}}`,
			func(r *Row) any { return fmt.Sprint(r.Status, r.Deleting) }, "Terminatingtrue",
		},
		{"protected", `{"metadata":{"labels":{"kubevirt.io/vm-delete-protection":"true"}}}`, func(r *Row) any { return r.Protected }, true},
		{"protected, capital", `{"metadata":{"labels":{"kubevirt.io/vm-delete-protection":"True"}}}`, func(r *Row) any { return r.Protected }, true},
		{"protection off", `{"metadata":{"labels":{"kubevirt.io/vm-delete-protection":"false"}}}`, func(r *Row) any { return r.Protected }, false},
		{"protected by annotation only", `{"metadata":{"annotations":{"kubevirt.io/vm-delete-protection":"true"}}}`, func(r *Row) any { return r.Protected }, false},
		{"null labels", `{"metadata":{"labels":null}}`, func(r *Row) any { return r.Protected }, false},
		{"snapshot under way", vmJSON("", `"snapshotInProgress":"snap-1"`), func(r *Row) any { return r.SnapshotInProgress }, "snap-1"},
		{"restore under way", vmJSON("", `"restoreInProgress":"back-1"`), func(r *Row) any { return r.RestoreInProgress }, "back-1"},
		{
			"state changes", vmJSON("", `"stateChangeRequests":[{"action":"Stop","uid":"x"},{"action":"Start"}]`),
			func(r *Row) any { return r.StateChanges }, 2,
		},
		{
			"start failures", vmJSON("", `"startFailure":{"consecutiveFailCount":3,"retryAfterTimestamp":"2026-01-01T00:00:05Z"}`),
			func(r *Row) any { return fmt.Sprint(r.StartFailures, r.RetryAfter.Second()) }, "3 5",
		},
		{"volumes changing", vmJSON("", `"conditions":[{"type":"VolumesChange","status":"True"}]`), func(r *Row) any { return r.VolumesChanging }, true},
		{"volumes changed", vmJSON("", `"conditions":[{"type":"VolumesChange","status":"False"}]`), func(r *Row) any { return r.VolumesChanging }, false},
		{"needs recovery", vmJSON("", `"conditions":[{"type":"ManualRecoveryRequired","status":"True"}]`), func(r *Row) any { return r.NeedsRecovery }, true},
		{
			"instance type and preference", vmJSON(`"instancetype":{"name":"u1.small"},"preference":{"name":"fedora"}`, ""),
			func(r *Row) any { return r.Instancetype + r.Preference }, "u1.smallfedora",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := tt.get(joined(t, tt.vm, "", "")); got != tt.want {
				t.Errorf("got %v, want %v", got, tt.want)
			}
		})
	}
}

func TestJoinFieldsOfTheInstance(t *testing.T) {
	tests := []struct {
		name string
		vmi  string
		get  func(r *Row) any
		want any
	}{
		{"paused", vmiJSON("", `"conditions":[{"type":"Paused","status":"True"}]`), func(r *Row) any { return r.Paused }, true},
		{"not paused", vmiJSON("", `"conditions":[{"type":"Paused","status":"False"}]`), func(r *Row) any { return r.Paused }, false},
		{"agent", vmiJSON("", `"conditions":[{"type":"AgentConnected","status":"True"}]`), func(r *Row) any { return r.Agent }, true},
		{"ACPI by default", vmiJSON(domain(`"features":{"acpi":{}}`), ""), func(r *Row) any { return r.ACPI }, true},
		{"ACPI off", vmiJSON(domain(`"features":{"acpi":{"enabled":false}}`), ""), func(r *Row) any { return r.ACPI }, false},
		{"no probe", vmiJSON("", ""), func(r *Row) any { return r.LivenessProbe }, NoProbe},
		{"agent ping", vmiJSON(`"livenessProbe":{"guestAgentPing":{}}`, ""), func(r *Row) any { return r.LivenessProbe }, AgentPingProbe},
		{"TCP probe", vmiJSON(`"livenessProbe":{"tcpSocket":{"port":22}}`, ""), func(r *Row) any { return r.LivenessProbe }, OtherProbe},
		{
			"all addresses, the first one again not", vmiJSON("", `"interfaces":[{"ipAddress":"10.0.0.1","ipAddresses":["10.0.0.1","fd00::1"]},{"ipAddress":"10.0.0.2"},{"mac":"02:00"}]`),
			func(r *Row) any { return strings.Join(r.IPs, " ") }, "10.0.0.1 fd00::1 10.0.0.2",
		},
		{"OS by its pretty name", vmiJSON("", `"guestOSInfo":{"id":"f","name":"Fedora","version":"43","prettyName":"Fedora 43"}`), func(r *Row) any { return r.OS }, "Fedora 43"},
		{"OS by name and version", vmiJSON("", `"guestOSInfo":{"id":"f","name":"Fedora","version":"43"}`), func(r *Row) any { return r.OS }, "Fedora 43"},
		{"OS by name", vmiJSON("", `"guestOSInfo":{"name":"Fedora"}`), func(r *Row) any { return r.OS }, "Fedora"},
		{"OS by identity", vmiJSON("", `"guestOSInfo":{"id":"mswindows"}`), func(r *Row) any { return r.OS }, "mswindows"},
		{"not migratable", vmiJSON("", `"conditions":[{"type":"LiveMigratable","status":"False","message":"RWO"}]`), func(r *Row) any { return r.NotMigratable.Message }, "RWO"},
		{"migratable", vmiJSON("", `"conditions":[{"type":"LiveMigratable","status":"True"}]`), func(r *Row) any { return r.NotMigratable == nil }, true},
		{"grace period", vmiJSON(`"terminationGracePeriodSeconds":0`, ""), func(r *Row) any { return *r.GracePeriod }, int64(0)},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := tt.get(joined(t, "", tt.vmi, "")); got != tt.want {
				t.Errorf("got %v, want %v", got, tt.want)
			}
		})
	}
}

func TestStatusOfAnInstanceWithoutAMachine(t *testing.T) {
	const unschedulable = `"conditions":[{"type":"PodScheduled","status":"False","reason":"Unschedulable"}]`
	tests := []struct{ status, want string }{
		{`"phase":"Running"`, StatusRunning},
		{`"phase":"Running","conditions":[{"type":"Paused","status":"True"}]`, StatusPaused},
		{`"phase":"Running","migrationState":{"startTimestamp":"2026-01-01T00:00:00Z"}`, StatusMigrating},
		{`"phase":"Running","migrationState":{"startTimestamp":"2026-01-01T00:00:00Z","endTimestamp":"2026-01-01T00:01:00Z"}`, StatusRunning},
		{`"phase":"Running","migrationState":{}`, StatusRunning},
		{`"phase":"Succeeded"`, StatusStopped},
		{`"phase":"Failed"`, StatusStopped},
		{`"phase":"WaitingForSync"`, StatusWaitingForReceiver},
		{`"phase":"Unknown"`, StatusUnknown},
		{``, StatusStarting},
		{`"phase":"Scheduling"`, StatusStarting},
		{`"phase":"Scheduled"`, StatusStarting},
		{`"phase":"Scheduling",` + unschedulable, StatusErrorUnschedulable},
		{`"phase":"Running",` + unschedulable, StatusRunning},
		{`"phase":"Scheduling","conditions":[{"type":"PodScheduled","status":"False","reason":"SchedulerError"}]`, StatusStarting},
	}
	for _, tt := range tests {
		row := joined(t, "", vmiJSON("", tt.status), "")
		if row.Status != tt.want {
			t.Errorf("{%s}: %s, want %s", tt.status, row.Status, tt.want)
		}
		if !slices.Contains(Statuses(), row.Status) {
			t.Errorf("%s is not among Statuses", row.Status)
		}
	}
	deleted := `{"metadata":{"deletionTimestamp":"2026-01-01T00:00:00Z"},"status":{"phase":"Running"}}`
	if row := joined(t, "", deleted, ""); row.Status != StatusTerminating || !row.Deleting {
		t.Errorf("being deleted: %s, %v", row.Status, row.Deleting)
	}
}

func TestJoinMigration(t *testing.T) {
	const began = `"startTimestamp":"2026-01-01T00:00:00Z"`
	start := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	state := func(text string) string {
		return vmiJSON("", `"phase":"Running","nodeName":"node-1","migrationState":{`+text+`}`)
	}
	vmim := func(meta, phase string) string {
		return fmt.Sprintf(`{"metadata":{"name":"mig","uid":"m-1"%s},"spec":{"vmiName":"web"},"status":{"phase":%q}}`, meta, phase)
	}
	tests := []struct {
		name      string
		vmi, vmim string
		want      *Migration
	}{
		{"none", vmiJSON("", `"phase":"Running"`), "", nil},
		{"waits for its turn", vmiJSON("", `"nodeName":"node-1"`), vmim("", "Pending"), &Migration{Name: "mig", UID: "m-1", Phase: "Pending", Source: "node-1"}},
		{
			"runs", state(began + `,"sourceNode":"node-1","targetNode":"node-2","migrationUid":"m-1"`), vmim("", "Running"),
			&Migration{Name: "mig", UID: "m-1", Phase: "Running", Source: "node-1", Target: "node-2", Started: &start},
		},
		{
			"migrations not visible", state(began + `,"sourceNode":"node-1","targetNode":"node-2","migrationUid":"m-1"`), "",
			&Migration{Source: "node-1", Target: "node-2", Started: &start},
		},
		{"state without a start is no migration", state(`"targetNode":"node-2"`), "", nil},
		{"has ended", state(began + `,"endTimestamp":"2026-01-01T00:01:00Z"`), "", nil},
		{"has completed", state(began + `,"completed":true`), "", nil},
		{
			"the last one's end says nothing about a new one", state(began + `,"endTimestamp":"2026-01-01T00:01:00Z","targetNode":"old","migrationUid":"m-0"`),
			vmim("", "Scheduling"), &Migration{Name: "mig", UID: "m-1", Phase: "Scheduling", Source: "node-1"},
		},
		{
			"the state of another migration", state(began + `,"targetNode":"other","migrationUid":"m-0"`), vmim("", "Pending"),
			&Migration{Name: "mig", UID: "m-1", Phase: "Pending", Source: "node-1"},
		},
		{
			"cancelled through its object", state(""), vmim(`,"deletionTimestamp":"2026-01-01T00:00:00Z"`, "Running"),
			&Migration{Name: "mig", UID: "m-1", Phase: "Running", Source: "node-1", Aborting: true},
		},
		{
			"abort asked of the instance", state(began + `,"abortRequested":true,"migrationUid":"m-1"`), vmim("", "Running"),
			&Migration{Name: "mig", UID: "m-1", Phase: "Running", Source: "node-1", Started: &start, Aborting: true},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := joined(t, vmJSON("", ""), tt.vmi, tt.vmim).Migration
			if !reflect.DeepEqual(got, tt.want) {
				t.Errorf("got %+v, want %+v", got, tt.want)
			}
		})
	}
	if got := joined(t, vmJSON("", ""), "", vmim("", "Pending")).Migration; got == nil || got.Name != "mig" {
		t.Errorf("instances not visible: %+v", got)
	}
}
