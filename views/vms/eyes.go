package vms

import (
	"fmt"
	"slices"

	"vmdeck.dev/vmdeck/kube/binding"
	"vmdeck.dev/vmdeck/rbac"
	"vmdeck.dev/vmdeck/ui/sheet"
	"vmdeck.dev/vmdeck/ui/text"
)

// sight is which VMs of the list somebody sees, as whom the user looks. It is reckoned with every event: too much for every frame.
type sight struct {
	eyes *binding.Eyes
	text string
}

// eyesNotices say that what the keys show is not the user's own, and how the list differs from that of the one looked as.
func (p *Page) eyesNotices() []sheet.Words {
	eyes := p.deck.Eyes()
	if eyes == nil {
		return nil
	}
	begin := "Looking as " + eyes.Name() + "; esc ends it. "
	if blind := eyes.Blind(); blind != "" {
		return []sheet.Words{sheet.Warn(begin + "What " + eyes.Name() + " may do cannot be found out:"), sheet.Warn(blind + ".")}
	}
	notices := []sheet.Words{sheet.Warn(begin + "Nothing is done, whatever you press.")}
	if p.sight.eyes == eyes && p.sight.text != "" {
		notices = append(notices, sheet.Warn(p.sight.text))
	}
	return notices
}

// reckonSight counts the VMs of the namespaces that somebody else may not list.
func (p *Page) reckonSight() {
	eyes := p.deck.Eyes()
	p.sight = sight{eyes: eyes}
	if eyes == nil {
		return
	}
	var places []string
	total, hidden, unknown := 0, 0, 0
	for namespace, n := range p.countByNamespace() {
		total += n
		switch eyes.Sees(namespace) {
		case rbac.Denied:
			hidden += n
			places = append(places, namespace)
		case rbac.Unknown:
			unknown += n
		}
	}
	slices.Sort(places)
	p.sight.text = sightText(eyes.Name(), total, hidden, unknown, places)
}

func sightText(name string, total, hidden, unknown int, places []string) string {
	switch {
	case total == 0 || unknown == total:
		return ""
	case hidden == total:
		return fmt.Sprintf("%s sees none of these %d VMs.", name, total)
	case hidden == 0 && unknown == 0:
		return fmt.Sprintf("%s sees all of these %d VMs.", name, total)
	case hidden == 0:
		return fmt.Sprintf("%s sees %d of these %d VMs; of the others it is not known.", name, total-unknown, total)
	}
	text := fmt.Sprintf("%s does not see %d of these %d VMs: those in %s.", name, hidden, total, text.Listed(places, 3))
	if unknown > 0 {
		text += fmt.Sprintf(" Of %d it is not known.", unknown)
	}
	return text
}
