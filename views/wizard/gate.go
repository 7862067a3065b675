package wizard

import (
	"context"
	"errors"
	"fmt"
	"time"

	tea "charm.land/bubbletea/v2"

	"vmdeck.dev/vmdeck/kube"
	"vmdeck.dev/vmdeck/kube/profile"
	"vmdeck.dev/vmdeck/ui/dialog"
	"vmdeck.dev/vmdeck/ui/sheet"
	"vmdeck.dev/vmdeck/ui/shell"
	"vmdeck.dev/vmdeck/ui/text"
	"vmdeck.dev/vmdeck/ui/theme"
)

// gate is what stands before the first step.
type gate struct {
	asking  bool   // nothing is known yet
	denied  string // why no profile can be made
	missing bool   // the cluster does not know the custom resource
	busy    string // what is being done about it
	// left is a draft that was found, asideNote that one could not be used.
	left      *kept
	asideNote string
}

// begun is what has to be known before the first step.
type begun struct {
	asked        int // which of the times that it was asked this answers
	denied       error
	list         []profile.Stored
	listErr      error
	registries   profile.Registries
	registryErr  error
	left         *kept
	draftTrouble string
}

// begin asks whether profiles may be made at all, before anything is entered.
func (p *Page) begin() tea.Cmd {
	keeper := p.deck.Platform.Profiles
	p.gate = gate{asking: true}
	if keeper.ReadOnly != "" {
		p.gate = gate{denied: text.Sentence(keeper.ReadOnly)}
		return nil
	}
	p.asked++
	asked, platform, path, ctx := p.asked, p.deck.Platform, p.path, p.ctx
	return p.mine(func() tea.Msg {
		ctx, cancel := context.WithTimeout(ctx, readTime)
		defer cancel()
		b := begun{asked: asked}
		if b.denied = profile.AskCreate(ctx, keeper.Cluster, keeper.Profiles); b.denied != nil {
			return b
		}
		if b.list, b.listErr = keeper.Profiles.List(ctx); errors.Is(b.listErr, profile.ErrNotInstalled) {
			return b
		}
		b.registries, b.registryErr = platform.OpenRegistries()
		b.left, b.draftTrouble = readDraft(path)
		return b
	})
}

func (p *Page) takeBegun(msg begun) tea.Cmd {
	if msg.asked != p.asked {
		return nil
	}
	p.gate = gate{left: msg.left, asideNote: msg.draftTrouble}
	switch {
	case msg.denied != nil:
		p.gate.denied = text.Sentence(msg.denied.Error())
		return nil
	case errors.Is(msg.listErr, profile.ErrNotInstalled):
		p.gate.missing = true
		return nil
	}
	p.list = msg.list
	if p.ask.From != nil && !p.draft.inPlace() && p.screen == nil {
		p.draft.nextVersion(p.ask.From.Version, p.list)
		p.begun = p.draft
	}
	cmd := p.takeRegistries(registriesRead{msg.registries, msg.registryErr})
	if msg.left != nil {
		p.askWhichDraft()
		return cmd
	}
	return tea.Batch(cmd, p.open(msg))
}

// open shows the first step, and what went wrong on the way to it.
func (p *Page) open(msg begun) tea.Cmd {
	cmd := p.enter(p.draft.Step)
	switch {
	case msg.draftTrouble != "":
		p.say(theme.Warn, msg.draftTrouble)
	case msg.registryErr != nil:
		p.say(theme.Warn, "Only the built-in registry is known: "+msg.registryErr.Error()+".")
	case msg.listErr != nil:
		p.say(theme.Warn, "Whether a profile of that name exists is found out on saving. "+profile.ExplainList(msg.listErr))
	}
	return cmd
}

// askWhichDraft offers the draft that was left. Esc leaves the wizard, with the draft as it is.
func (p *Page) askWhichDraft() {
	left := p.gate.left
	body := []string{fmt.Sprintf("There is a draft of %s, kept %s, at step %d of %d (%s).",
		left.Draft.title(), left.Saved.Local().Format("2006-01-02 15:04"), left.Draft.Step+1, steps, left.Draft.Step)}
	fresh := "Begin anew"
	if p.ask.From != nil {
		body = append(body, "You are about to begin with "+p.ask.From.Ref().String()+" instead.")
		fresh = "Begin with " + p.ask.From.Name
	}
	body = append(body, "Beginning anew discards the draft.")
	buttons := []dialog.Button{{ID: "carry-on", Label: "Carry on"}, {ID: "anew", Label: fresh, Danger: true}}
	p.question(dialog.NewConfirm(p.th, "Carry on with the draft?", body, buttons, func(r dialog.Result) tea.Cmd {
		switch r.Choice {
		case "carry-on":
			p.draft, p.kept = left.Draft, true
			p.begun = newDraft(nil, profile.Stored{})
			return tea.Batch(p.settle(), p.open(begun{}))
		case "anew":
			return tea.Batch(p.drop(), p.open(begun{}))
		}
		return shell.Close(p)
	}).Focus("carry-on"))
}

// gateKey takes a key before the first step.
func (p *Page) gateKey(k tea.KeyPressMsg) tea.Cmd {
	switch b, _ := atGate.Lookup(k); b.ID {
	case bindInstall:
		return p.tryInstall()
	case bindRetry:
		p.deck.Retry()
		return p.begin()
	case "":
		return nil
	default:
		cmd, _ := p.deck.Do(b.ID)
		return cmd
	}
}

// tried is what the server says to installing the custom resource; nothing was changed yet.
type tried struct{ err error }

// installed is the outcome of installing it.
type installed struct{ err error }

// installTime is in seconds what the server may take to serve a new custom resource.
const installTime = 60 * time.Second

func (p *Page) install(dryRun bool, done func(error) tea.Msg) tea.Cmd {
	keeper, ctx := p.deck.Platform.Profiles, p.deck.Context()
	return p.mine(func() tea.Msg {
		ctx, cancel := context.WithTimeout(ctx, installTime)
		defer cancel()
		return done(keeper.Install(ctx, dryRun))
	})
}

// tryInstall asks the server whether it would, so that nobody confirms what is refused then.
func (p *Page) tryInstall() tea.Cmd {
	if !p.gate.missing || p.gate.busy != "" {
		return nil
	}
	p.gate.busy = "Asking the API server whether it would accept it"
	return p.install(true, func(err error) tea.Msg { return tried{err} })
}

func (p *Page) takeTried(msg tried) tea.Cmd {
	p.gate.busy = ""
	if msg.err != nil {
		p.gate.denied = p.cannotInstall(msg.err)
		return nil
	}
	body := []string{"It makes the kind ClusterProfile known to the cluster. The API server accepts it (dry run); nothing else changes, and no cluster is touched by profiles before they are applied."}
	title := "Install clusterprofiles.vmdeck.dev in context " + p.deck.Platform.Context() + "?"
	p.question(dialog.NewConfirm(p.th, title, body, []dialog.Button{{ID: "install", Label: "Install"}}, func(r dialog.Result) tea.Cmd {
		if !r.OK {
			return nil
		}
		p.gate.busy = "Installing"
		return p.install(false, func(err error) tea.Msg { return installed{err} })
	}))
	return nil
}

func (p *Page) cannotInstall(err error) string {
	if kube.Classify(err) == kube.KindForbidden {
		return "Profiles cannot be kept in this cluster yet: it does not know their custom resource, and you may not install it. " + text.Sentence(err.Error())
	}
	return "The custom resource of profiles could not be installed. " + text.Sentence(err.Error())
}

func (p *Page) takeInstalled(msg installed) tea.Cmd {
	p.gate.busy = ""
	if msg.err != nil {
		p.gate.denied = p.cannotInstall(msg.err)
		return nil
	}
	return tea.Batch(p.begin(), shell.Toast(theme.Good, "cluster profiles can be kept in this cluster now"))
}

// gateView says why there is no step yet.
func (p *Page) gateView(w, h int) string {
	const folder = "Or keep profiles in a folder: set profiles: FOLDER in vmdeck's configuration."
	return sheet.Instead(p.th, w, h, func(s *sheet.Sheet) {
		switch {
		case p.gate.busy != "":
			s.Say(p.gate.busy + p.th.Glyphs.Ellipsis)
		case p.gate.asking:
			s.Say("Asking whether you may create cluster profiles" + p.th.Glyphs.Ellipsis)
		case p.gate.denied != "":
			s.Say("You cannot make a cluster profile here", p.gate.denied, "Press R to ask again, esc to go back.")
		case p.gate.missing:
			s.Say("Cluster profiles are not installed in this cluster", "Profiles are kept as custom resources (clusterprofiles.vmdeck.dev), which the cluster does not know yet.",
				"Press i to install them, after a dry run and a question.", folder)
		default:
			s.Say("A draft was left")
		}
	})
}
