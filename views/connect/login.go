package connect

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"vmdeck.dev/vmdeck/config"
	"vmdeck.dev/vmdeck/kube"
	"vmdeck.dev/vmdeck/kube/profile/setup"
	"vmdeck.dev/vmdeck/ui/choose"
	"vmdeck.dev/vmdeck/ui/dialog"
	"vmdeck.dev/vmdeck/ui/shell"
	"vmdeck.dev/vmdeck/ui/theme"
)

const (
	loginWithin = 10 * time.Minute // a person goes to another device, and types a code there
	mostSaid    = 8                // lines of a credential plugin that are kept
	// lastWords is how long what a plugin wrote before it failed may take to arrive.
	lastWords = 200 * time.Millisecond
)

// try is a login that is under way.
type try struct {
	user   config.User
	since  time.Time
	cancel context.CancelFunc
	said   []string // by the credential plugin
}

// known says who one is as a user of the kubeconfig.
type known struct {
	try *try
	who kube.Identity
	// enter has the program go on as that user.
	enter tea.Msg
	err   error
}

// choose offers the users of the kubeconfig.
func (p *Page) choose() tea.Cmd {
	switch {
	case p.try != nil:
		return shell.Toast(theme.Warn, p.Busy()+" esc gives it up.")
	case p.usersErr != nil:
		return shell.Toast(theme.Bad, "The users of the kubeconfig could not be read: "+p.usersErr.Error())
	case !p.known:
		return shell.Toast(theme.Info, "The kubeconfig is being read"+p.th.Glyphs.Ellipsis)
	case len(p.users) == 0:
		return shell.Toast(theme.Warn, "The kubeconfig has no users to connect as.")
	}
	picker := dialog.NewPicker(p.th, "Connect as which user of the kubeconfig?", p.items(), func(r dialog.Result) tea.Cmd {
		i := slices.IndexFunc(p.users, func(u config.User) bool { return u.Name == r.Choice })
		if !r.OK || i < 0 {
			return nil
		}
		if u := p.users[i]; foreign(u) {
			return p.sendForeign(u)
		}
		return p.login(p.users[i])
	})
	if issuer := p.deck.Setup().Issuer; issuer != "" {
		picker.Note = "VMs are operated with an identity of " + issuer
	}
	return shell.OpenDialog(picker)
}

// items are the users as choices, those with an identity of the provider first.
func (p *Page) items() []choose.Item {
	s := p.deck.Setup()
	users := slices.Clone(p.users)
	slices.SortStableFunc(users, func(a, b config.User) int {
		switch fitsA, fitsB := s.Issues(a.Issuer), s.Issues(b.Issuer); {
		case fitsA == fitsB:
			return 0
		case fitsA:
			return -1
		}
		return 1
	})
	own, _ := p.own()
	items := make([]choose.Item, len(users))
	for i, u := range users {
		items[i] = choose.Item{ID: u.Name, Title: u.Name, Desc: about(u, s)}
		switch {
		case u.Name == own.Name:
			items[i].Right = "current"
		case foreign(u):
			items[i].Right = "of another cluster"
		}
		if u.Login == config.LoginProvider {
			items[i].Off, items[i].Reason = true, "auth provider "+u.Plugin+": use an exec plugin such as kubelogin"
		}
	}
	return items
}

// foreign tells whether contexts have a user with other clusters only.
func foreign(u config.User) bool { return !u.Here && u.Elsewhere }

// sendForeign asks before the login of another cluster goes to this one's server, which could use it there.
func (p *Page) sendForeign(u config.User) tea.Cmd {
	body := []string{
		"Your kubeconfig has the user " + u.Name + " for other clusters only. To connect, its login (" + about(u, p.deck.Setup()) + ") is sent to",
		"", "  " + withoutPassword(p.server), "",
		"Who runs that server can then act as you there. Go on only if that login is meant for this cluster too.",
	}
	return shell.OpenDialog(dialog.NewConfirm(p.th, "Send the login of another cluster?", body, []dialog.Button{{ID: "send", Label: "Send", Danger: true}}, func(r dialog.Result) tea.Cmd {
		if !r.OK {
			return nil
		}
		return p.login(u)
	}))
}

// about says in a few words how a user logs in.
func about(u config.User, s setup.State) string {
	text := string(u.Login)
	if u.Plugin != "" {
		text += " " + u.Plugin
	}
	switch {
	case s.Issues(u.Issuer):
		text += ", this OIDC provider"
	case u.Issuer != "":
		text += ", " + u.Issuer
	}
	return text
}

// login finds out, beside the screen, who one is as a user.
func (p *Page) login(u config.User) tea.Cmd {
	ctx, cancel := context.WithTimeout(p.deck.Context(), loginWithin)
	t := &try{user: u, since: time.Now(), cancel: cancel}
	p.try, p.now, p.changed = t, t.since, true
	p.layout()
	open := p.door.Open
	return func() tea.Msg {
		c, enter, err := open(ctx, u.Name)
		var who kube.Identity
		if err == nil {
			who, err = whoAmI(ctx, c)
		}
		if err != nil && u.Login == config.LoginExec {
			time.Sleep(lastWords)
		}
		return shell.For(p, known{t, who, enter, err})
	}
}

// whoAmI asks the API server. A plugin that has a person log in elsewhere outlasts the deadline of a request; what it got is there for the
// next one.
func whoAmI(ctx context.Context, c *kube.Cluster) (who kube.Identity, err error) {
	for range 3 {
		who, err = c.WhoAmI(ctx)
		if ctx.Err() != nil || kube.Classify(err) != kube.KindTimeout {
			break
		}
	}
	return who, err
}

// giveUp ends a login that is under way. The plugin may run on, and what it brings is not used.
func (p *Page) giveUp() {
	if p.try != nil {
		p.try.cancel()
		p.try, p.changed = nil, true
		p.layout()
	}
}

// became says who one is as the user that was chosen, before anything is done as that.
func (p *Page) became(msg known) tea.Cmd {
	if msg.try != p.try {
		return nil
	}
	u := p.try.user
	p.giveUp()
	if msg.err != nil {
		return shell.OpenDialog(dialog.NewReason(p.th, "You are not connected", failure(msg), nil, nil))
	}
	body := []string{"The API server knows the kubeconfig user " + u.Name + " as", "", "  user    " + msg.who.User}
	body = append(body, "  groups  "+cmp.Or(groupsText(msg.who), "none"), "")
	doubts := doubts(u, msg.who, p.deck.Info().Identity, p.deck.Setup())
	for _, d := range doubts {
		body = append(body, p.th.Glyphs.Warn+" "+d)
	}
	if len(doubts) > 0 {
		body = append(body, "")
	}
	body = append(body, "You stay connected so until vmdeck ends or you go back. The kubeconfig stays as it is.")
	open := "Open Virtual Machines"
	if len(doubts) > 0 {
		open = "Open anyway"
	}
	return shell.OpenDialog(dialog.NewConfirm(p.th, "You become "+msg.who.User, body, []dialog.Button{{ID: "open", Label: open}}, func(r dialog.Result) tea.Cmd {
		if !r.OK {
			return nil
		}
		return func() tea.Msg { return msg.enter }
	}))
}

// failure says why one is not connected, with what the credential plugin said, and what to do.
func failure(msg known) []string {
	u := msg.try.user
	body := []string{kube.Explain(msg.err, "Log in as the kubeconfig user "+u.Name), ""}
	if len(msg.try.said) > 0 {
		body = append(body, "Its plugin said")
		for _, line := range msg.try.said {
			body = append(body, "  "+line)
		}
		body = append(body, "")
	}
	if u.Login == config.LoginExec {
		return append(body, "Log in with its plugin in another terminal and try again, or choose another user.")
	}
	return append(body, "Put its login in order in the kubeconfig and try again, or choose another user.")
}

// groupsText joins the groups that have a name: files of tokens may have others.
func groupsText(who kube.Identity) string {
	return strings.Join(slices.DeleteFunc(slices.Clone(who.Groups), func(g string) bool { return g == "" }), ", ")
}

// doubts are why an identity is perhaps not the one that VMs are to be operated with.
func doubts(u config.User, who, present kube.Identity, s setup.State) []string {
	var out []string
	if who.User == present.User {
		out = append(out, "That is who you are now.")
	}
	switch {
	case s.Issues(u.Issuer), s.Names(who.User), s.Issuer == "":
	case u.Issuer != "":
		out = append(out, fmt.Sprintf("The login is from %s and not from %s.", u.Issuer, s.Issuer))
	case u.Login == config.LoginExec, u.Login == config.LoginToken:
		out = append(out, fmt.Sprintf("The kubeconfig does not say whether the login is from %s.", s.Issuer))
	default:
		out = append(out, fmt.Sprintf("The user logs in with %s, which is no identity of %s.", withArticle(u.Login), s.Issuer))
	}
	if slices.Contains(who.Groups, "system:masters") {
		out = append(out, "The group system:masters may do everything, whatever roles say.")
	}
	return out
}

func withArticle(l config.Login) string {
	if l == config.LoginNone {
		return string(l)
	}
	return "a " + string(l)
}
