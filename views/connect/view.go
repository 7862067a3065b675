package connect

import (
	"cmp"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"vmdeck.dev/vmdeck/kube"
	"vmdeck.dev/vmdeck/kube/profile/setup"
	"vmdeck.dev/vmdeck/ui/sheet"
	"vmdeck.dev/vmdeck/ui/text"
	"vmdeck.dev/vmdeck/ui/theme"
	"vmdeck.dev/vmdeck/views/deck"
)

// View implements shell.Page.
func (p *Page) View(w, h int) string {
	p.seen = true
	if w <= 0 || h <= 0 {
		return ""
	}
	if w != p.w {
		p.w = w
		p.layout()
	}
	top := sheet.Notices(p.th, p.notices(), w)
	if len(top) >= h {
		return text.Block(strings.Join(top, "\n"), w, h)
	}
	return strings.Join(append(top, p.pager.View(w, h-len(top))), "\n")
}

func (p *Page) notices() []sheet.Words {
	if n, ok := deck.ConnectionNotice(p.deck.Cluster.Health().Status(), p.now, "what you see is from before"); ok {
		return []sheet.Words{n}
	}
	return nil
}

// layout writes the page anew.
func (p *Page) layout() {
	if p.w <= 0 {
		return
	}
	p.pager.SetTitle("Cluster " + text.Clean(p.deck.Cluster.Target().Context))
	s := &sheet.Sheet{Theme: p.th, Width: max(p.w-2, 1)}
	p.dashboard(s)
	s.Beside([]sheet.Block{p.clusterBlock()}, []sheet.Block{p.profileBlock()})
	s.Blocks([]sheet.Block{p.identityBlock()})
	p.throughProxy(s)
	if !slices.Equal(s.Lines, p.drawn) {
		p.drawn, p.changed = s.Lines, true
		p.pager.SetLines(s.Lines)
	}
}

// dashboard is the line that the page is for.
func (p *Page) dashboard(s *sheet.Sheet) {
	has, why := p.identity()
	state := p.deck.Setup()
	title := p.th.Paint(theme.Strong, "Virtual Machines Dashboard")
	if p.try == nil && p.door.Chosen == "" && state.Connect() && !has {
		title += "  " + p.th.Paint(theme.Reverse, "[Connect]")
	}
	s.Raw(title)
	switch {
	case p.try != nil:
		p.loggingIn(s)
	case p.door.Chosen != "":
		s.Item(p.th.Glyphs.Mark, theme.Good, sheet.Plain("Connected as the kubeconfig user "+p.door.Chosen+", for this session."))
		s.Para(2, sheet.Dim("enter connects as another one, d goes back to the context's own."))
	case state.Connect() && has:
		s.Item(p.th.Glyphs.Mark, theme.Good, sheet.Plain("You have an identity of the OIDC provider: "+why+"."))
	case state.Connect():
		s.Para(2, sheet.Plain("VMs are operated here with an identity of the OIDC provider. enter chooses the kubeconfig user that has it."))
	case state.Known == setup.Found:
		s.Para(2, sheet.Plain("VMs are operated as the kubeconfig's user: there is nothing to connect."))
	default:
		s.Para(2, sheet.Plain("As far as is known, VMs are operated as the kubeconfig's user."))
	}
	s.Gap()
}

func (p *Page) loggingIn(s *sheet.Sheet) {
	t := p.try
	since := text.Age(max(p.now.Sub(t.since), 0))
	s.Para(0, sheet.Words{Text: fmt.Sprintf("Logging in as %s%s %s", t.user.Name, p.th.Glyphs.Ellipsis, since), Tone: theme.Info})
	for _, line := range t.said {
		s.Para(2, sheet.Warn(line))
	}
	s.Para(0, sheet.Dim("The credential plugin may want you to log in on another device or in a browser. esc gives it up."))
}

func (p *Page) clusterBlock() sheet.Block {
	info := p.deck.Info()
	b := sheet.Block{Title: "Cluster", Fields: []sheet.Field{
		sheet.One("Context", p.deck.Cluster.Target().Context),
		sheet.One("Server", withoutPassword(p.server)),
		sheet.One("Kubernetes", info.Server),
	}}
	switch {
	case info.Presence() == kube.Absent:
		return with(b, sheet.Of("KubeVirt", sheet.Warn("not installed")))
	case info.KubeVirt.Version == "" && info.KubeVirtErr != nil:
		return with(b, sheet.Of("KubeVirt", sheet.Dim("not known")))
	}
	return with(b, sheet.One("KubeVirt", info.KubeVirt.Version))
}

func with(b sheet.Block, f ...sheet.Field) sheet.Block {
	b.Fields = append(b.Fields, f...)
	return b
}

// withoutPassword keeps a password in an address off the screen.
func withoutPassword(address string) string {
	if u, err := url.Parse(address); err == nil && u.User != nil {
		return u.Redacted()
	}
	return address
}

func (p *Page) profileBlock() sheet.Block {
	s := p.deck.Setup()
	b := sheet.Block{Title: "Profile"}
	if s.Known != setup.Found {
		return with(b, sheet.Of("Applied", sheet.Dim(reason(s))))
	}
	switch {
	case s.Profile.Name != "":
		b = with(b, sheet.One("Applied", s.Profile.String()))
	case kube.Classify(s.ProfileErr) == kube.KindForbidden:
		b = with(b, sheet.Of("Applied", sheet.Dim("not known; that takes the right to list secrets")), sheet.One("Pack", pack(s)))
	case s.ProfileErr != nil:
		b = with(b, sheet.Of("Applied", sheet.Dim("not known: "+s.ProfileErr.Error())), sheet.One("Pack", pack(s)))
	default:
		b = with(b, sheet.Of("Applied", sheet.Dim("none; the pack was installed by other means")), sheet.One("Pack", pack(s)))
	}
	if state, err := p.state(); err == nil && state != "" {
		tones := map[string]theme.Tone{"Running": theme.Good, "Updating": theme.Info, "Failed": theme.Bad}
		b = with(b, sheet.Of("State", sheet.Words{Text: state, Tone: tones[state]}))
	}
	access := s.Access
	if s.Proxy != "" {
		access += ", " + s.Proxy
	}
	return with(b, sheet.One("Access", access))
}

func pack(s setup.State) string { return strings.TrimSpace(s.Pack + " " + s.PackVersion) }

func (p *Page) identityBlock() sheet.Block {
	s, info := p.deck.Setup(), p.deck.Info()
	b := sheet.Block{Title: "Identity"}
	if s.Known == setup.Found {
		b = with(b, sheet.One("Provider", s.IdentityProvider))
	}
	if s.Connect() {
		b = with(b, sheet.One("Issuer", s.Issuer), sheet.One("Client ID", s.Client))
	}
	who := sheet.Field{Key: "You are", Values: []sheet.Words{sheet.Plain(p.deck.User())}}
	if groups := groupsText(info.Identity); groups != "" {
		who.Values = append(who.Values, sheet.Dim("in "+groups))
	}
	b = with(b, who)
	if own, ok := p.own(); ok {
		b = with(b, sheet.One("Logged in by", cmp.Or(own.Name, "nothing")+", "+about(own, s)))
	} else if p.usersErr != nil {
		b = with(b, sheet.Of("Logged in by", sheet.Warn("not known: "+p.usersErr.Error())))
	}
	return b
}

// throughProxy says how this context goes through the proxy, or that it does.
func (p *Page) throughProxy(s *sheet.Sheet) {
	state := p.deck.Setup()
	if state.Access != setup.Proxied || state.Proxy == "" {
		return
	}
	s.Gap()
	s.Heading("Through the proxy")
	if u, err := url.Parse(p.server); err == nil && u.Hostname() == host(state.Proxy) {
		s.Para(0, sheet.Plain("This context goes through the proxy."))
		return
	}
	s.Para(0, sheet.Plain("This context goes to the API server itself. These lines in "+p.door.File+" take it through the proxy; y copies them."))
	for line := range strings.SplitSeq(strings.TrimSuffix(p.proxyLines(), "\n"), "\n") {
		s.Raw("  " + text.Clean(line))
	}
}

// proxyLines are the lines of the configuration that take the context through the proxy.
func (p *Page) proxyLines() string {
	address := p.deck.Setup().Proxy
	return fmt.Sprintf("contexts:\n  %q:\n    server: %q\n    tlsServerName: %q\n", p.deck.Cluster.Target().Context, "https://"+address, host(address))
}

// host is an address without its port.
func host(address string) string {
	u, err := url.Parse("https://" + address)
	if err != nil {
		return address
	}
	return u.Hostname()
}
