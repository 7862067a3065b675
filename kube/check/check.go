package check

import (
	"context"
	"time"

	"vmdeck.dev/vmdeck/kube/profile"
	"vmdeck.dev/vmdeck/rbac"
)

// Verdict is what came of a check.
type Verdict string

// The verdicts. What could not be found out because a request failed is a Fail: it cannot be relied on.
const (
	Pass          Verdict = "pass"
	Warn          Verdict = "warn" // works, and is not as recommended
	Fail          Verdict = "fail"
	NotPermitted  Verdict = "not-permitted"  // the user may not look
	NotApplicable Verdict = "not-applicable" // there is nothing to check
)

// Verdicts are all of them, the best first.
func Verdicts() []Verdict { return []Verdict{Pass, NotApplicable, NotPermitted, Warn, Fail} }

// Check is one thing that is looked at. Checks are shared: do not change them.
type Check struct {
	ID     string // "platform.virt-api"
	Group  string // "platform"
	Title  string // of at most 24 characters
	Proves string // what a Pass says, as a sentence

	run func(context.Context, *env) []Result
}

// Result is what came of a check, or of one of the objects that it looks at.
type Result struct {
	// ID is that of the check, with the object's name after a slash where there are several: "roles.catalogue/spectro-vm-user".
	ID, Check, Group, Title, Proves string
	// Object is the name of what it is about; empty: what the check as a whole is about.
	Object  string
	Verdict Verdict
	Summary string // one sentence
	// Evidence are facts behind the summary. They may have text from the cluster in them, which has to be cleaned before it is shown.
	Evidence []string
	// How are the requests made, such as "GET /apis/kubevirt.io/v1/kubevirts".
	How []string
	// Missing is what the user would have to be permitted to find out, and Grants the catalogue's roles that permit it.
	Missing []rbac.Permission
	Grants  []string
	Fix     Fix
	// Matrix is set where the result is about somebody's rights.
	Matrix *Matrix
	Took   time.Duration // of the check as a whole
}

// Fix is how to put right what a check found. The zero Fix means that there is nothing to do.
type Fix struct {
	Text string // a sentence
	// Command is what to type in a shell, for who has no screen; empty: there is none.
	Command string
	// Open is where vmdeck's screens put it right; nil: nowhere.
	Open Target
}

// Target is a screen with what it is to be filled in with, one of the types below.
type Target interface {
	// View names the screen for scripts: "edit-rule".
	View() string
}

// InstallRoles is the screen that installs roles of the catalogue.
type InstallRoles struct{ Names []string }

// EditRule is the rule editor. Version and Exists are those of a rule that is stored.
type EditRule struct {
	Rule    rbac.BindingRule
	Version string
	Exists  bool
}

// ShowBindings is the list of bindings that match a query.
type ShowBindings struct{ Query string }

// ShowProfiles is the list of cluster profiles, and one version of one where it is named.
type ShowProfiles struct{ Ref profile.Ref }

// ApplyProfile is the screen that makes the cluster as a profile says.
type ApplyProfile struct{ Profile profile.Profile }

// NewProfile is the wizard for a cluster profile.
type NewProfile struct{}

// ShowRegistries is the list of registries of packs.
type ShowRegistries struct{}

// ShowTemplates is the catalogue of VM templates.
type ShowTemplates struct{}

// View implements Target.
func (ShowTemplates) View() string { return "templates" }

// View implements Target.
func (ShowProfiles) View() string { return "profiles" }

// View implements Target.
func (ApplyProfile) View() string { return "apply-profile" }

// View implements Target.
func (NewProfile) View() string { return "new-profile" }

// View implements Target.
func (ShowRegistries) View() string { return "registries" }

// View implements Target.
func (InstallRoles) View() string { return "install-roles" }

// View implements Target.
func (EditRule) View() string { return "edit-rule" }

// View implements Target.
func (ShowBindings) View() string { return "bindings" }

// The groups of checks.
const (
	Platform   = "platform"
	Roles      = "roles"
	Bindings   = "bindings"
	Access     = "access"
	Identity   = "identity"
	Network    = "network"
	Namespaces = "namespaces"
	Templates  = "templates"
	Storage    = "storage"
	Profile    = "profile"
)

// Groups are the groups in the order of reports: what others stand on comes first.
func Groups() []string {
	return []string{Platform, Roles, Bindings, Access, Identity, Network, Namespaces, Templates, Storage, Profile}
}

// Checks returns all checks in the order of reports.
func Checks() []*Check { return checks }

// one is the result of a check that looks at one thing.
func one(r Result) []Result { return []Result{r} }
