// Command cluster is a KubeVirt cluster on one machine without containers or virtual machines: etcd, kube-apiserver,
// virt-api and virt-controller are the real ones, linked from their modules; the nodes are simulated. It is the demo's
// cluster and that of the integration tests.
package main

import (
	"context"
	_ "embed"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"

	"vmdeck/testdata/cluster/internal/cluster"
	"vmdeck/testdata/cluster/internal/parts"
	"vmdeck/testdata/cluster/internal/seed"
	"vmdeck/testdata/cluster/internal/state"
)

// personas are the cluster roles of vmdeck's personas.
//
//go:embed personas.yaml
var personas []byte

const usage = `cluster runs a KubeVirt cluster with simulated nodes on this machine.

  cluster up [--dir .cluster] [--port-base 20100] [--seed demo|N] [--fresh]
      Start it, or what is missing of it, and wait until a VM could be started.
      --seed demo   makes about forty VMs in five namespaces.
      --seed N      makes a cluster that only stores N VMs, half of them running; nothing acts on them.
      --port-base 0 finds free ports.
      --fresh       begins anew.
  cluster status [--dir .cluster] [-o json]
      Show its parts. Exit code 0 says that all are healthy.
  cluster stop PART [--dir .cluster]
  cluster start PART [--dir .cluster]
      Stop or start one part: etcd, apiserver, controllers, virt-api, virt-controller or simulator.
  cluster down [--dir .cluster] [--purge]
      Stop it. --purge also removes its state.
`

// errUnhealthy makes status end with a code and no further word.
var errUnhealthy = errors.New("not all parts are healthy")

func main() {
	if len(os.Args) > 3 && os.Args[1] == parts.Command {
		// A part's own process: the rest of the arguments are those of the program it is.
		if err := parts.Run(os.Args[2], os.Args[3], os.Args[4:]); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	err := run(ctx, os.Args[1:])
	switch {
	case err == nil, errors.Is(err, flag.ErrHelp):
	case errors.Is(err, errUnhealthy):
		os.Exit(1)
	case ctx.Err() != nil:
		fmt.Fprintln(os.Stderr, "cluster: interrupted")
		os.Exit(130)
	default:
		fmt.Fprintln(os.Stderr, "cluster:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	if len(args) == 0 || args[0] == "help" || args[0] == "-h" || args[0] == "--help" {
		fmt.Print(usage)
		return nil
	}
	command, args := args[0], args[1:]
	fs := flag.NewFlagSet(command, flag.ContinueOnError)
	fs.Usage = func() { fmt.Fprint(os.Stderr, usage) }
	dir := fs.String("dir", ".cluster", "")
	var (
		portBase = state.DefaultPortBase
		seedWith string
		output   string
		fresh    bool
		purge    bool
		rate     int
		duration time.Duration
	)
	// part is the one word that start and stop take, before or after the flags.
	var part string
	switch command {
	case "up":
		fs.IntVar(&portBase, "port-base", portBase, "")
		fs.StringVar(&seedWith, "seed", "", "")
		fs.BoolVar(&fresh, "fresh", false, "")
	case "down":
		fs.BoolVar(&purge, "purge", false, "")
	case "status":
		fs.StringVar(&output, "o", "", "")
	case "start", "stop":
		if len(args) > 0 && args[0] != "" && args[0][0] != '-' {
			part, args = args[0], args[1:]
		}
	case "churn":
		fs.IntVar(&rate, "rate", 100, "")
		fs.DurationVar(&duration, "duration", time.Minute, "")
	default:
		return fmt.Errorf("there is no command %q; see `cluster help`", command)
	}
	if err := fs.Parse(args); err != nil {
		return err
	}
	rest := fs.Args()
	if part == "" && len(rest) > 0 && (command == "start" || command == "stop") {
		part, rest = rest[0], rest[1:]
	}
	if len(rest) > 0 {
		return fmt.Errorf("%s does not take %q", command, rest[0])
	}

	switch command {
	case "up":
		given := false
		fs.Visit(func(f *flag.Flag) { given = given || f.Name == "port-base" })
		return cluster.Up(ctx, cluster.Options{
			Dir: *dir, PortBase: portBase, PortsGiven: given, Fresh: fresh, Seed: seedWith, Personas: personas, Out: os.Stdout,
		})
	case "down":
		return cluster.Down(*dir, purge, os.Stdout)
	case "status":
		if output != "" && output != "json" {
			return fmt.Errorf("-o %s: only json is known", output)
		}
		healthy, err := cluster.Status(ctx, *dir, output == "json", os.Stdout)
		if err == nil && !healthy {
			err = errUnhealthy
		}
		return err
	case "stop", "start":
		if part == "" {
			return fmt.Errorf("%s which part? One of %v", command, state.PartNames)
		}
		if command == "stop" {
			return cluster.Stop(*dir, part, os.Stdout)
		}
		return cluster.Start(ctx, *dir, part, os.Stdout)
	}
	return seed.Churn(ctx, *dir, rate, duration, os.Stdout)
}
