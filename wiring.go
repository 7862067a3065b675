package main

import (
	"context"
	"fmt"
	"os"

	"github.com/charmbracelet/x/term"

	"vmdeck.dev/vmdeck/config"
	"vmdeck.dev/vmdeck/kube"
	"vmdeck.dev/vmdeck/kube/binding"
	"vmdeck.dev/vmdeck/kube/profile"
	"vmdeck.dev/vmdeck/kube/vm"
	"vmdeck.dev/vmdeck/ui/shell"
	"vmdeck.dev/vmdeck/ui/theme"
	"vmdeck.dev/vmdeck/views/app"
	"vmdeck.dev/vmdeck/views/deck"
)

// opener opens contexts as flags and configuration say.
type opener struct {
	flags      flags
	kubeconfig config.Kubeconfig
}

// open prepares one context as its own user.
func (o opener) open(ctx context.Context, name string) (app.Opened, error) {
	return o.openAs(ctx, name, "")
}

// openAs prepares one context as a user of the kubeconfig; an empty name means the current one, and an empty user its own. The namespace that was named on the command line is for the
// context that the program starts with.
func (o opener) openAs(ctx context.Context, name, user string) (app.Opened, error) {
	c, err := o.kubeconfig.OpenAs(name, user)
	if err != nil {
		return app.Opened{}, err
	}
	cluster, err := kube.Connect(ctx, c.Config, kube.Target{
		Context: c.Context, User: c.User, Namespace: c.Namespace, Namespaces: c.Settings.Namespaces,
	})
	if err != nil {
		return app.Opened{}, err
	}
	opened := app.Opened{Cluster: cluster, Scope: vm.Scope{All: true}}
	if ns := o.flags.namespace; ns != "" && name == o.flags.context {
		if !kube.IsNamespaceName(ns) {
			return app.Opened{}, fmt.Errorf("--namespace %q cannot be a namespace: %s", ns, kube.NamespaceNames)
		}
		opened.Scope, opened.Namespace = vm.Scope{Namespaces: []string{ns}}, ns
	}
	opened.Rules = binding.ClusterStore(cluster)
	if folder := o.kubeconfig.File.RulesOf(c.Context); folder != "" {
		opened.Rules = binding.FolderStore(folder)
	}
	opened.Profiles = profile.ClusterStore(cluster)
	if folder := o.kubeconfig.File.ProfilesOf(c.Context); folder != "" {
		opened.Profiles = profile.FolderStore(folder)
	}
	for _, group := range o.kubeconfig.File.GroupsOf(c.Context) {
		opened.Groups = append(opened.Groups, deck.Group{Name: group, Contexts: o.kubeconfig.File.ClusterGroups[group]})
	}
	switch {
	case o.flags.readOnly:
		opened.ReadOnly = "vmdeck was started with --read-only"
	case c.ReadOnly:
		opened.ReadOnly = "the configuration makes this context read-only"
	}
	return opened, nil
}

// terminal is how the program deals with the terminal it runs in.
type terminal struct {
	theme *theme.Theme
	shell shell.Options
}

const (
	localFrames = 100 // frames per second: a key shows within 10 ms; every wake-up costs an idle program
	sshFrames   = 15  // over SSH the line is the limit, and half-sent frames show
)

func terminalOf(file config.File, getenv func(string) string) terminal {
	remote := getenv("SSH_TTY") != "" || getenv("SSH_CONNECTION") != ""
	t := terminal{theme: theme.New(theme.Options{
		Dark: true, NoColor: getenv("NO_COLOR") != "" || getenv("TERM") == "dumb", Name: file.Theme,
		ASCII: file.ASCII || getenv("TERM") == "linux",
	})}
	t.shell = shell.Options{NoMouse: file.Mouse != nil && !*file.Mouse, SyncOutput: shell.WantSync(getenv), FPS: file.FramesPerSecond}
	if t.shell.FPS == 0 {
		t.shell.FPS = localFrames
		if remote {
			t.shell.FPS = sshFrames
		}
	}
	return t
}

// noticeDeadConnections has client-go's HTTP/2 transport ask a silent server whether it is still there after ten seconds instead of
// thirty: a screen must not look live for most of a minute after the line was cut. What the user has set stays.
func noticeDeadConnections() {
	for name, seconds := range map[string]string{"HTTP2_READ_IDLE_TIMEOUT_SECONDS": "10", "HTTP2_PING_TIMEOUT_SECONDS": "5"} {
		if os.Getenv(name) == "" {
			_ = os.Setenv(name, seconds)
		}
	}
}

func isTerminal(f *os.File) bool { return term.IsTerminal(f.Fd()) }
