package rights

import (
	"fmt"
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"vmdeck.dev/vmdeck/kube"
	"vmdeck.dev/vmdeck/kube/binding"
	"vmdeck.dev/vmdeck/rbac"
	"vmdeck.dev/vmdeck/ui/dialog"
	"vmdeck.dev/vmdeck/ui/shell"
	"vmdeck.dev/vmdeck/ui/text"
	"vmdeck.dev/vmdeck/ui/theme"
	"vmdeck.dev/vmdeck/views/deck"
)

// installOff says why roles cannot be installed; empty when it may be tried.
func (p *Roles) installOff() string {
	switch state := p.deck.Cluster.Health().Status().State; {
	case p.deck.Keeper.ReadOnly != "":
		return p.deck.Keeper.ReadOnly
	case state == kube.Lost:
		return "no connection"
	case state == kube.Expired:
		return "the login is not accepted"
	}
	if d := p.mayInstall(); d.Verdict == rbac.Denied {
		return d.Reason
	}
	return ""
}

func (p *Roles) mayInstall() rbac.Decision {
	return p.deck.Cluster.Access().Decide("", binding.InstallPerms())
}

// previewed is a plan that the server has tried.
type previewed struct {
	plan  binding.RolePlan
	steps []binding.RoleStep
	err   error
}

// settled says that what was done beside the screen is over.
type settled struct{}

// install compares the catalogue with the cluster and has the server try what would be done; then it asks.
func (p *Roles) install() tea.Cmd {
	switch off := p.installOff(); {
	case p.busy != "":
		return shell.Toast(theme.Info, "wait: "+text.Lower(p.busy))
	case off != "" && p.mayInstall().Verdict == rbac.Denied && p.deck.Keeper.ReadOnly == "":
		return p.mayNot(p.mayInstall())
	case off != "":
		return shell.Toast(theme.Warn, "install the catalogue's roles: "+off)
	}
	p.busy = "Comparing the cluster's roles with the catalogue"
	ctx, keeper, access := p.deck.Context(), p.deck.Keeper, p.deck.Cluster.Access()
	return func() tea.Msg {
		_ = access.Ensure(ctx, "") // what is still not known then, the server says
		var out previewed
		if out.plan, out.err = binding.PlanRoles(ctx, keeper.Cluster); out.err == nil && out.plan.Pending() {
			// Its error is what the steps say.
			_ = keeper.InstallRoles(ctx, out.plan, binding.InstallOptions{DryRun: true}, func(s binding.RoleStep) { out.steps = append(out.steps, s) })
		}
		return shell.For(p, out)
	}
}

// mayNot says which permission is missing.
func (p *Roles) mayNot(d rbac.Decision) tea.Cmd {
	body := []string{fmt.Sprintf("%s may not install roles on this cluster.", p.deck.User()), "", "Missing permission:"}
	for _, perm := range d.Missing {
		body = append(body, "  "+perm.String())
	}
	body = append(body, "", "None of vmdeck's own roles grants it, as who writes roles could write any: it takes a cluster administrator. "+
		"vmdeck roles -o yaml prints what there is to apply.")
	return p.message("Not permitted: install roles", body, theme.Warn)
}

func (p *Roles) message(title string, body []string, tone theme.Tone) tea.Cmd {
	message := dialog.NewMessage(p.th, title, body, []dialog.Button{{ID: "copy", Label: "Copy"}}, func(r dialog.Result) tea.Cmd {
		if r.Choice == "copy" {
			return deck.Copy(strings.Join(body, "\n"), "the message")
		}
		return nil
	})
	message.Tone = tone
	return shell.OpenDialog(message)
}

// propose shows what would be done and asks.
func (p *Roles) propose(v previewed) tea.Cmd {
	p.busy = ""
	switch {
	case v.err != nil && kube.Classify(v.err) == kube.KindForbidden && p.mayInstall().Verdict == rbac.Denied:
		return p.mayNot(p.mayInstall())
	case v.err != nil:
		return p.message("The roles could not be compared", []string{kube.Explain(v.err, "compare the cluster's roles with the catalogue")}, theme.Bad)
	case !v.plan.Pending():
		return shell.Toast(theme.Good, fmt.Sprintf("all %d roles of the catalogue are on the cluster and grant what they should", len(v.plan.Changes)))
	}
	var accepted, kept []string
	var said []string
	for _, s := range v.steps {
		switch name := s.Change.Role.Name; {
		case s.Err == nil:
			accepted = append(accepted, name)
		case s.Conflict():
			kept, said = append(kept, name), append(said, s.String())
		default:
			said = append(said, s.String())
		}
	}
	body := append(preview(v.plan), "")
	if len(said) == 0 {
		said = []string{"The server was asked beforehand (dry run) and would accept it."}
	}
	body = append(body, said...)
	if len(accepted)+len(kept) == 0 {
		return p.message("The catalogue's roles cannot be installed", body, theme.Bad)
	}
	var buttons []dialog.Button
	if len(accepted) > 0 {
		buttons = append(buttons, dialog.Button{ID: "install", Label: "Install " + counted(accepted)})
	}
	if len(kept) > 0 {
		label := "Overwrite " + counted(kept)
		if len(accepted) > 0 {
			label += " too"
		}
		buttons = append(buttons, dialog.Button{ID: "overwrite", Label: label, Danger: true})
	}
	title := "Install the catalogue's roles in context " + p.deck.Cluster.Target().Context + "?"
	return shell.OpenDialog(dialog.NewConfirm(p.th, title, body, buttons, func(r dialog.Result) tea.Cmd {
		switch r.Choice {
		case "install":
			return p.carryOut(v.plan.Only(accepted), nil)
		case "overwrite":
			return p.carryOut(v.plan.Only(slices.Concat(accepted, kept)), kept)
		}
		return nil
	}))
}

// counted names a role, or counts several.
func counted(names []string) string {
	if len(names) == 1 {
		return names[0]
	}
	return fmt.Sprintf("%d roles", len(names))
}

// mostDifferences keeps the question in sight; the role's page has them all.
const mostDifferences = 6

// preview is a plan in lines for a dialog: what is as it should be in one, the rest role by role.
func preview(plan binding.RolePlan) []string {
	var same, out []string
	for _, c := range plan.Changes {
		switch c.Standing {
		case binding.Same:
			same = append(same, c.Role.Name)
		case binding.Missing:
			out = append(out, "+ "+c.Role.Name+" is absent: it is created")
		case binding.Differs:
			out = append(out, "~ "+c.Role.Name+" differs: it is changed")
			out = append(out, some("    - ", c.More)...)
			out = append(out, some("    + ", c.Less)...)
			if c.Owner != "" {
				out = append(out, "    its rules are kept by "+c.Owner)
			}
		}
	}
	if len(same) > 0 {
		out = append(out, "= as they should be: "+strings.Join(same, ", "))
	}
	out = append(out, "")
	out = append(out, consequences(plan.Effects)...)
	if len(plan.Effects) == 0 {
		out = append(out, "Nobody's actions on VMs change by it.")
	}
	for _, gap := range plan.Gaps {
		out = append(out, "Note: "+gap)
	}
	return out
}

// consequences puts those together who gain and lose the same.
func consequences(effects []rbac.Effect) []string {
	var order []string
	who := map[string][]string{}
	for _, e := range effects {
		change := strings.Join(parted("gain ", e.Gained, "lose ", e.Lost), " and ")
		if who[change] == nil {
			order = append(order, change)
		}
		where := e.Namespace
		if where == "" {
			where = everywhere
		}
		who[change] = append(who[change], fmt.Sprintf("%s (%s)", e.Subject, where))
	}
	var out []string
	for _, change := range order {
		out = append(out, strings.Join(who[change], ", ")+": "+change)
	}
	return out
}

func parted(gain string, gained []string, lose string, lost []string) []string {
	var out []string
	if len(gained) > 0 {
		out = append(out, gain+actions(gained))
	}
	if len(lost) > 0 {
		out = append(out, lose+actions(lost))
	}
	return out
}

// actions lists actions, or says that it is all of them.
func actions(ids []string) string {
	if len(ids) == len(binding.Needs()) {
		return "all actions on VMs"
	}
	return strings.Join(ids, ", ")
}

func some(prefix string, texts []string) []string {
	var out []string
	for i, s := range texts {
		if i == mostDifferences {
			return append(out, fmt.Sprintf("%sand %d more", strings.Repeat(" ", len(prefix)), len(texts)-i))
		}
		out = append(out, prefix+s)
	}
	return out
}

// carryOut installs roles beside the screen and says what became of it, wherever the user is by then.
func (p *Roles) carryOut(plan binding.RolePlan, overwrite []string) tea.Cmd {
	p.busy, p.changes = "Installing "+counted(names(plan)), true
	ctx, d, keeper := p.deck.Context(), p.deck, p.deck.Keeper
	return func() tea.Msg {
		var steps []binding.RoleStep
		err := keeper.InstallRoles(ctx, plan, binding.InstallOptions{Overwrite: overwrite}, func(s binding.RoleStep) { steps = append(steps, s) })
		d.Reread()
		outcome := shell.Toast(theme.Good, fmt.Sprintf("installed %s and read back", counted(names(plan))))
		if err != nil {
			outcome = p.message("Not all was installed", account(steps, err), theme.Bad)
		}
		return tea.BatchMsg{func() tea.Msg { return shell.For(p, settled{}) }, outcome}
	}
}

// Busy implements shell.Busier: what would be interrupted by quitting.
func (p *Roles) Busy() string {
	if !p.changes {
		return ""
	}
	return p.busy + " is not done yet. What has not begun will be left alone."
}

func names(plan binding.RolePlan) []string {
	var out []string
	for _, c := range plan.Changes {
		if c.Standing != binding.Same {
			out = append(out, c.Role.Name)
		}
	}
	return out
}

// account tells what was done, and then what was not.
func account(steps []binding.RoleStep, err error) []string {
	var out []string
	begun := false
	for _, s := range steps {
		begun = begun || !s.DryRun
		if !s.DryRun && s.Err == nil {
			out = append(out, s.String())
		}
	}
	out = append(out, strings.Split(err.Error(), "\n")...)
	if !begun {
		out = append(out, "", "Nothing was changed.")
	}
	return out
}
