package seed

import (
	virtv1 "kubevirt.io/api/core/v1"

	"vmdeck/testdata/cluster/internal/sim"
)

// Short names of the run strategies, for the table below.
const (
	always = virtv1.RunStrategyAlways
	halted = virtv1.RunStrategyHalted
	manual = virtv1.RunStrategyManual
	rerun  = virtv1.RunStrategyRerunOnFailure
	once   = virtv1.RunStrategyOnce
)

// wish is one annotation for the simulator.
func wish(key, value string) map[string]string { return map[string]string{key: value} }

// demoVMs is the demo's world: a shop's two teams, their platform, build machines and databases.
var demoVMs = []demoVM{
	{namespace: "team-a", name: "web-frontend-blue", app: "web", tier: "frontend", strategy: always, size: "u1.medium", guest: "Ubuntu 24.04"},
	{namespace: "team-a", name: "web-frontend-green", app: "web", tier: "frontend", strategy: halted, size: "u1.medium", guest: "Ubuntu 24.04"},
	{namespace: "team-a", name: "web-canary", app: "web", tier: "frontend", strategy: manual, startByHand: true, size: "u1.small", guest: "Ubuntu 24.04"},
	{namespace: "team-a", name: "api-gateway-1", app: "gateway", tier: "backend", strategy: always, size: "u1.small", guest: "Debian 12"},
	{namespace: "team-a", name: "api-gateway-2", app: "gateway", tier: "backend", strategy: always, size: "u1.small", guest: "Debian 12"},
	{namespace: "team-a", name: "session-cache", app: "cache", tier: "backend", strategy: rerun, size: "u1.small", guest: "Alpine 3.20", annotations: wish(sim.Agent, "none")},
	{namespace: "team-a", name: "checkout-worker", app: "checkout", tier: "backend", strategy: always, size: "u1.medium", guest: "Fedora 41", paused: true},
	{namespace: "team-a", name: "recommendations", app: "recommendations", tier: "backend", strategy: always, size: "u1.large", guest: "Ubuntu 22.04", annotations: wish(sim.MigrateEvery, "60s")},
	{namespace: "team-a", name: "legacy-erp", app: "erp", tier: "backend", strategy: always, size: "u1.large", guest: "Windows Server 2019", protected: true},
	{namespace: "team-a", name: "load-test-client", app: "load-test", tier: "tools", strategy: halted, size: "u1.small", guest: "Fedora 41"},
	{namespace: "team-a", name: "jumpbox", app: "jumpbox", tier: "tools", strategy: rerun, size: "u1.nano", guest: "Alpine 3.20"},

	{namespace: "team-b", name: "mobile-backend-1", app: "mobile", tier: "backend", strategy: always, size: "u1.medium", guest: "Ubuntu 24.04"},
	{namespace: "team-b", name: "mobile-backend-2", app: "mobile", tier: "backend", strategy: always, size: "u1.medium", guest: "Ubuntu 24.04"},
	{namespace: "team-b", name: "push-notifier", app: "push", tier: "backend", strategy: always, size: "u1.small", guest: "Debian 12", annotations: wish(sim.Crash, "true"), status: virtv1.VirtualMachineStatusCrashLoopBackOff},
	{namespace: "team-b", name: "image-resizer", app: "images", tier: "backend", strategy: rerun, size: "cx1.medium", guest: "Fedora 41"},
	{namespace: "team-b", name: "gpu-training", app: "training", tier: "batch", strategy: always, size: "cx1.xlarge", guest: "Ubuntu 22.04", nodeSelector: map[string]string{"accelerator": "gpu"}, status: virtv1.VirtualMachineStatusUnschedulable},
	{namespace: "team-b", name: "reporting", app: "reporting", tier: "batch", strategy: once, size: "u1.medium", guest: "RHEL 9.5"},
	{namespace: "team-b", name: "a-quite-long-name-as-a-generator-makes-it-for-a-staging-copy-x7", app: "staging", tier: "backend", strategy: halted, size: "u1.small", guest: "openSUSE Leap 15.6"},
	{namespace: "team-b", name: "windows-desktop-17", app: "desktop", tier: "tools", strategy: manual, size: "u1.large", guest: "Windows Server 2019"},

	{namespace: "platform", name: "dns-1", app: "dns", tier: "infra", strategy: always, size: "u1.nano", guest: "Alpine 3.20"},
	{namespace: "platform", name: "dns-2", app: "dns", tier: "infra", strategy: always, size: "u1.nano", guest: "Alpine 3.20"},
	{namespace: "platform", name: "ldap-primary", app: "ldap", tier: "infra", strategy: always, size: "u1.small", guest: "RHEL 9.5", protected: true},
	{namespace: "platform", name: "ldap-replica", app: "ldap", tier: "infra", strategy: always, size: "u1.small", guest: "RHEL 9.5"},
	{namespace: "platform", name: "monitoring", app: "monitoring", tier: "infra", strategy: always, size: "o1.large", guest: "Debian 12"},
	{namespace: "platform", name: "log-collector", app: "logging", tier: "infra", strategy: rerun, size: "u1.medium", guest: "Debian 12"},
	{namespace: "platform", name: "router-edge", app: "router", tier: "network", strategy: always, size: "u1.small", guest: "Debian 12", bridge: true},
	{namespace: "platform", name: "backup-target", app: "backup", tier: "infra", strategy: manual, startByHand: true, size: "u1.large", guest: "CentOS Stream 9"},
	{namespace: "platform", name: "patch-test", app: "patching", tier: "tools", strategy: halted, size: "u1.small", guest: "RHEL 9.5"},

	{namespace: "build", name: "build-runner-1", app: "build-runner", tier: "ci", strategy: always, size: "cx1.large", guest: "Fedora 41"},
	{namespace: "build", name: "build-runner-2", app: "build-runner", tier: "ci", strategy: always, size: "cx1.large", guest: "Fedora 41"},
	{namespace: "build", name: "build-runner-3", app: "build-runner", tier: "ci", strategy: always, size: "cx1.large", guest: "Fedora 41"},
	{namespace: "build", name: "build-runner-4", app: "build-runner", tier: "ci", strategy: halted, size: "cx1.large", guest: "Fedora 41"},
	{namespace: "build", name: "build-runner-windows", app: "build-runner", tier: "ci", strategy: manual, size: "u1.xlarge", guest: "Windows Server 2019"},
	{namespace: "build", name: "artifact-store", app: "artifacts", tier: "ci", strategy: always, size: "u1.large", guest: "Ubuntu 24.04"},
	{namespace: "build", name: "release-signer", app: "signing", tier: "ci", strategy: once, size: "u1.small", guest: "Debian 12", annotations: wish(sim.ShutdownAfter, "5"), status: virtv1.VirtualMachineStatusStopped},

	{namespace: "databases", name: "postgres-primary", app: "postgres", tier: "database", strategy: always, size: "o1.xlarge", guest: "Debian 12", protected: true},
	{namespace: "databases", name: "postgres-replica-1", app: "postgres", tier: "database", strategy: always, size: "o1.xlarge", guest: "Debian 12"},
	{namespace: "databases", name: "postgres-replica-2", app: "postgres", tier: "database", strategy: always, size: "o1.xlarge", guest: "Debian 12", paused: true},
	{namespace: "databases", name: "mysql-legacy", app: "mysql", tier: "database", strategy: rerun, size: "u1.large", guest: "CentOS Stream 9"},
	{namespace: "databases", name: "redis-1", app: "redis", tier: "database", strategy: always, size: "o1.medium", guest: "Alpine 3.20"},
	{namespace: "databases", name: "restore-drill", app: "postgres", tier: "drill", strategy: halted, size: "o1.large", guest: "Debian 12"},
}
