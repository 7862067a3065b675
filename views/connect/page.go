// Package connect shows a cluster's details, and leads from there to its VMs where they are operated with an OIDC identity.
package connect

import (
	"context"
	"slices"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"vmdeck.dev/vmdeck/config"
	"vmdeck.dev/vmdeck/kube"
	"vmdeck.dev/vmdeck/kube/profile"
	"vmdeck.dev/vmdeck/kube/profile/setup"
	"vmdeck.dev/vmdeck/ui/pager"
	"vmdeck.dev/vmdeck/ui/theme"
	"vmdeck.dev/vmdeck/views/deck"
)

// Door is how the page gets from one kubeconfig user to another. Users and Open read files and may take long: they are for commands.
type Door struct {
	// Users lists those of the kubeconfig, the context's own first.
	Users func() ([]config.User, error)
	// Open connects to the context as one of them. The message has the program go on with that connection.
	Open func(ctx context.Context, user string) (*kube.Cluster, tea.Msg, error)
	// Chosen is the user that was connected with in this session; empty: none was.
	Chosen string
	// Back has the program go on with the context's own user.
	Back func() tea.Cmd
	// File is the configuration file, as people know it.
	File string
}

// Page is the details of a deck's cluster. It implements shell.Page.
type Page struct {
	deck *deck.Deck
	th   *theme.Theme
	door Door
	// server is the address of the API server.
	server string

	users    []config.User
	usersErr error
	known    bool // the users were read
	reading  bool

	try      *try // nil: nobody is being connected as
	profiles profile.State
	seen     bool // the page was drawn: it wants to know more than whether one has to connect

	pager   *pager.Model
	drawn   []pager.Line
	w       int // of the last View
	now     time.Time
	changed bool // since Changed was asked
}

// New makes the page of a deck.
func New(d *deck.Deck, door Door) *Page {
	return &Page{deck: d, th: d.Theme, door: door, server: d.Cluster.Config().Host, pager: pager.New(d.Theme, ""), now: time.Now()}
}

// Init implements shell.Page.
func (p *Page) Init() tea.Cmd { return p.readUsers() }

// Title implements shell.Page.
func (p *Page) Title() string {
	if p.Needed() {
		return "Connect"
	}
	return "Cluster"
}

// Capturing implements shell.Page.
func (p *Page) Capturing() bool { return p.pager.Capturing() }

// Escape implements shell.Escaper: it gives up a login that is under way, or undoes a search.
func (p *Page) Escape() bool {
	if p.try != nil {
		p.giveUp()
		return true
	}
	return p.pager.Escape()
}

// Leave implements shell.Leaver.
func (p *Page) Leave() { p.giveUp() }

// Busy implements shell.Busier.
func (p *Page) Busy() string {
	if p.try == nil {
		return ""
	}
	return "The login as " + p.try.user.Name + " is still under way."
}

// Changed implements shell.Changer.
func (p *Page) Changed() bool {
	changed := p.changed
	p.changed = false
	return changed
}

// Needed tells whether one has to connect before the VMs are shown. It is false until that is known.
func (p *Page) Needed() bool {
	if !p.deck.Setup().Connect() || p.door.Chosen != "" || !p.known && p.usersErr == nil {
		return false
	}
	has, _ := p.identity()
	return !has
}

// identity tells whether the connection's user has an identity of the OIDC provider already, and by what one knows.
func (p *Page) identity() (has bool, why string) {
	s := p.deck.Setup()
	own, _ := p.own()
	switch {
	case s.Issues(own.Issuer):
		return true, "the kubeconfig user " + own.Name + " logs in there"
	case s.Names(p.deck.Info().Identity.User):
		return true, "the API server names you by it"
	}
	return false, ""
}

// own is the kubeconfig user that the deck is connected as.
func (p *Page) own() (config.User, bool) {
	i := slices.IndexFunc(p.users, func(u config.User) bool {
		if p.door.Chosen != "" {
			return u.Name == p.door.Chosen
		}
		return u.Current
	})
	if i < 0 {
		return config.User{}, false
	}
	return p.users[i], true
}

// Looked is what a command of Look brings; it is for its page.
type Looked struct {
	page  *Page
	users []config.User
	err   error
}

// Take gives the page what was looked up, wherever the page is.
func (l Looked) Take() { l.page.take(l) }

// Look reads what the page has to know to say whether one has to connect, which depends on the kubeconfig too. It is to be called at
// every deck.Event; the command, nil where there is nothing to look up, brings a Looked.
func (p *Page) Look() tea.Cmd {
	if !p.deck.Setup().Connect() || p.known || p.usersErr != nil {
		return nil
	}
	return p.readUsers()
}

func (p *Page) readUsers() tea.Cmd {
	if p.reading {
		return nil
	}
	p.reading = true
	read := p.door.Users
	return func() tea.Msg {
		users, err := read()
		return Looked{p, users, err}
	}
}

func (p *Page) take(msg Looked) {
	p.reading, p.changed, p.usersErr = false, true, msg.err
	if msg.err == nil {
		p.users, p.known = msg.users, true
	}
}

// Update implements shell.Page.
func (p *Page) Update(msg tea.Msg) tea.Cmd {
	cmd := p.update(msg)
	p.layout()
	return cmd
}

func (p *Page) update(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case tea.KeyPressMsg:
		return p.key(msg)
	case tea.PasteMsg, tea.MouseWheelMsg, tea.MouseClickMsg:
		p.changed = true
		return p.pager.Update(msg)
	case deck.Event:
		if msg.Deck == p.deck && msg.Delta == nil {
			p.now, p.changed = time.Now(), true
			p.lookFurther()
		}
	case deck.Tick:
		p.now = msg.Now
		p.changed = p.changed || p.try != nil || p.deck.Cluster.Health().Status().State != kube.Live
		p.lookFurther()
	case Looked:
		if msg.page == p {
			p.take(msg)
		}
	case known:
		return p.became(msg)
	}
	return nil
}

// lookFurther asks for what only the page shows, once somebody has looked at it.
func (p *Page) lookFurther() {
	if p.seen {
		p.profiles = p.deck.Profiles()
	}
}

// Say shows a line that a credential plugin wrote, such as where to log in, for as long as the login takes.
func (p *Page) Say(line string) {
	if p.try != nil {
		p.try.said = append(p.try.said, line)
		p.try.said = p.try.said[max(len(p.try.said)-mostSaid, 0):]
		p.changed = true
		p.layout()
	}
}

// state is how the profile that the settings are from is, as its releases say; empty where that is not known.
func (p *Page) state() (string, error) {
	ref := p.deck.Setup().Profile
	if ref.Name == "" {
		return "", nil
	}
	uses := p.profiles.Used(profile.Ref{Name: ref.Name})
	if len(uses) == 0 && p.profiles.UsesErr != nil {
		return "", p.profiles.UsesErr
	}
	if len(uses) == 0 {
		return "", nil
	}
	worst := "Running"
	for _, u := range uses {
		switch {
		case strings.HasPrefix(u.Status, "pending"), u.Status == "uninstalling":
			return "Updating", nil
		case u.Status != "deployed":
			worst = "Failed"
		}
	}
	return worst, nil
}

// reason puts into a sentence why it is not known what was set up; empty where it is.
func reason(s setup.State) string {
	switch s.Known {
	case setup.Unread:
		return "Not read yet."
	case setup.None:
		return "No profile was applied to this cluster."
	case setup.Forbidden:
		return "You may not read what was set up; where no profile was applied that is so, too."
	case setup.Unreachable:
		return kube.Explain(s.Err, "read what was set up")
	}
	return ""
}
