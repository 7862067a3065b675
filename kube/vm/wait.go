package vm

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// Waiter knows how VMs were before an action and tells when its effect shows. It is safe for concurrent use.
type Waiter struct {
	followed *Followed
	action   *Action
	options  Options
	effect   effect
	before   map[string]sight // by UID
	clones   map[string]*clones
}

// Waiter notes how VMs are; it must be made before the action begins. The error, a sentence fragment, says why its effect cannot be
// seen. What it follows besides the inventory ends with the context.
func (f *Followed) Waiter(ctx context.Context, a *Action, rows []*Row, o Options) (*Waiter, error) {
	w := &Waiter{followed: f, action: a, options: o, effect: effects[a.ID], before: map[string]sight{}, clones: map[string]*clones{}}
	if w.effect.unseen != "" {
		return nil, errors.New(w.effect.unseen)
	}
	for _, r := range rows {
		before := f.sight(r.Namespace, r.Name)
		before.row = r
		w.before[r.UID] = before
		if w.effect.clone && w.clones[r.Namespace] == nil {
			clones, err := f.followClones(ctx, r.Namespace)
			if err != nil {
				return nil, err
			}
			w.clones[r.Namespace] = clones
		}
	}
	return w, nil
}

// Wait waits until the effect of the action, which the server has accepted, shows on a VM. It returns a sentence fragment when it will
// not come about any more, or has not when the context ends.
func (w *Waiter) Wait(ctx context.Context, r *Row) error {
	begun := time.Now()
	var seen *Row
	err := w.followed.Until(ctx, func() (bool, error) {
		latest := w.followed.Find(r.Namespace, r.Name)
		if latest != nil && latest == seen && !w.effect.clone {
			return false, nil // one of thousands may have changed: the others need no second look
		}
		seen = latest
		return w.look(r)
	})
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		return fmt.Errorf("not %s after %s: %s", w.effect.what, time.Since(begun).Round(time.Second), w.present(r))
	case errors.Is(err, context.Canceled):
		return fmt.Errorf("no longer waited until it is %s; what was requested goes on", w.effect.what)
	}
	return err
}

// look says whether the effect is there.
func (w *Waiter) look(r *Row) (bool, error) {
	before, now := w.before[r.UID], w.followed.sight(r.Namespace, r.Name)
	switch {
	case w.effect.clone:
		return w.clones[r.Namespace].look(r.Name, w.options.CloneName)
	case w.effect.gone:
		return now.row == nil || now.row.UID != r.UID, nil
	case now.row == nil:
		return false, errors.New("it was deleted meanwhile")
	case now.row.UID != r.UID:
		return false, errors.New("another VM of the same name has taken its place meanwhile")
	}
	if w.effect.failed != nil {
		if reason := w.effect.failed(before, now); reason != "" {
			return false, errors.New(reason)
		}
	}
	if w.effect.at != nil {
		return w.effect.at(now.row), nil
	}
	return w.effect.there(before, now), nil
}

// present is how a VM is when patience has ended.
func (w *Waiter) present(r *Row) string {
	if err := w.followed.broken(); err != nil {
		return "the API server does not answer any more"
	}
	switch now := w.followed.Find(r.Namespace, r.Name); {
	case now == nil:
		return "it no longer exists"
	case now.Deleting:
		return "it is being deleted"
	default:
		return "it is " + situation(now)
	}
}

// sight looks at a VM as of the last Take.
func (v *Inventory) sight(namespace, name string) sight {
	v.mu.Lock()
	defer v.mu.Unlock()
	key := namespace + "/" + name
	s := sight{row: v.rows[key], migrations: map[string]string{}}
	for _, e := range v.migrations.objects {
		if e.object.instanceKey() == key {
			s.migrations[e.object.Metadata.UID] = e.object.Status.Phase
		}
	}
	if vmi := v.instances.get(key); vmi != nil {
		s.last = vmi.Status.MigrationState
	}
	return s
}
