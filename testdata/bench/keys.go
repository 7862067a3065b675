package main

import (
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/charmbracelet/x/term"
)

const keyGoal = 16 * time.Millisecond

// keyLimit is how long a key may go without an answer before it counts as lost.
const keyLimit = 5 * time.Second

// key is one key press and what shows that it was understood.
type key struct {
	name, send string
	shown      func(before, now *place) bool
}

// place is where on the page the user is: what is compared to see whether a key has had its effect.
type place struct {
	line  int    // of the cursor
	name  string // in it
	query string // what is typed as a filter; empty without one
}

// cursorColumn is where the table marks the cursor's row, and nameEnd about where the name ends.
const (
	cursorColumn = 1
	nameStart    = 3
	nameEnd      = 24
	cursorGlyph  = '▸'
)

func placeOn(s *screen) *place {
	p := &place{line: -1}
	for y := range s.h {
		if s.cells[y][cursorColumn] == cursorGlyph {
			p.line, p.name = y, s.span(y, nameStart, nameEnd)
			break
		}
	}
	for y := 1; y < 8; y++ {
		if line := s.line(y); strings.HasPrefix(line, " /") {
			p.query = line
			break
		}
	}
	return p
}

// Keys of the list. Each changes the screen where it is used, so that there is something to wait for.
func move(name, send string) key {
	return key{name, send, func(before, now *place) bool { return now.line != before.line || now.name != before.name }}
}

func typed(name, send, query string) key {
	return key{name, send, func(_, now *place) bool {
		if query == "" {
			return now.query == ""
		}
		return strings.HasPrefix(now.query, query)
	}}
}

const escName = "esc"

// keyPresses makes a sequence of n or a few more: mostly steps down the list, and in between jumps and a filter being typed.
func keyPresses(n int) []key {
	down := move("j", "j")
	var keys []key
	for len(keys) < n {
		for range 10 {
			keys = append(keys, down)
		}
		keys = append(keys, move("ctrl+d", "\x04"), down, move("G", "G"), move("k", "k"), move("g", "g"), down)
		keys = append(keys, typed("/", "/", " /"))
		query := " /"
		for _, letter := range "web-" {
			query += string(letter)
			keys = append(keys, typed("letter", string(letter), query))
		}
		keys = append(keys, typed(escName, "\x1b", ""))
	}
	return keys
}

// pressed is the outcome of many keys.
type pressed struct {
	shown  times // until the screen showed the effect
	first  times // until the first output of any kind
	esc    times // the same as shown for esc, which is no part of shown: it may be the beginning of a longer sequence
	byName map[string]times
	lost   int
}

// press types keys at random intervals and measures each.
func press(ctx context.Context, s *session, keys []key) (*pressed, error) {
	p := &pressed{byName: map[string]times{}}
	for _, k := range keys {
		if err := pause(ctx, 20*time.Millisecond+rand.N(160*time.Millisecond)); err != nil {
			return p, err
		}
		var before *place
		s.look(func(sc *screen) { before = placeOn(sc) })
		seen := s.expect(func(sc *screen) bool { return k.shown(before, placeOn(sc)) })
		began := time.Now()
		if err := s.send(k.send); err != nil {
			return p, err
		}
		at, err := s.until(ctx, seen, keyLimit, "the effect of "+k.name)
		if isUnseen(err) && p.lost < 3 {
			say("%v", err)
			p.lost++
			continue
		}
		if err != nil {
			return p, err
		}
		p.count(k.name, at.Sub(began), s.firstOutput().Sub(began))
	}
	for _, name := range slices.Sorted(maps.Keys(p.byName)) {
		say("  %-7s %3d times: %s", name, len(p.byName[name]), p.byName[name].tails())
	}
	say("  first output of any kind: %s", p.first.tails())
	if p.lost > 0 {
		return p, fmt.Errorf("%d keys had no effect", p.lost)
	}
	return p, nil
}

func (p *pressed) count(name string, shown, first time.Duration) {
	p.byName[name] = append(p.byName[name], shown)
	if name == escName {
		p.esc = append(p.esc, shown)
		return
	}
	p.shown, p.first = append(p.shown, shown), append(p.first, first)
}

// keys measures how long a key press takes to change the screen.
func (b *bench) keys(ctx context.Context) error {
	s, err := b.counting(ctx)
	if err != nil {
		return err
	}
	if err := pause(ctx, 3*time.Second); err != nil { // the end of loading is not what is measured here
		return err
	}
	floor, err := b.echoes(ctx, often(b, 200, 40))
	if err != nil {
		return err
	}
	p, err := press(ctx, s, keyPresses(often(b, 300, 60)))
	if err != nil {
		return err
	}
	base := floor.tails() + ": a program that only echoes"
	b.report.add(fmt.Sprintf("key press → its effect on the screen, p50 / p99 / max (%d keys)", len(p.shown)),
		p.shown.tails(), base, "p99 ≤ "+millis(keyGoal), p.shown.at(0.99) <= keyGoal)
	b.report.note(fmt.Sprintf("esc → its effect on the screen, p50 / p99 / max (%d keys)", len(p.esc)), p.esc.tails(),
		"50 ms: what Bubble Tea waits for the rest of a sequence")
	return nil
}

// echoCommand is the first argument of the program that only echoes.
const echoCommand = "echo"

// echo answers every byte at once, like the quickest program there could be in a terminal.
func echo() error {
	if _, err := term.MakeRaw(os.Stdin.Fd()); err != nil {
		return fmt.Errorf("prepare the terminal: %w", err)
	}
	buf := make([]byte, 16)
	fmt.Print("ready")
	for {
		n, err := os.Stdin.Read(buf)
		if err != nil {
			return nil // the terminal is gone
		}
		if _, err := os.Stdout.Write(buf[:n]); err != nil {
			return nil
		}
	}
}

// echoes measures the terminal itself, with a program that only echoes.
func (b *bench) echoes(ctx context.Context, n int) (times, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("find this program: %w", err)
	}
	s, err := open(b.work, self, echoCommand)
	if err != nil {
		return nil, err
	}
	defer s.close()
	if _, err := s.wait(ctx, keyLimit, "the echo's start", func(sc *screen) bool { return sc.line(0) != "" }); err != nil {
		return nil, err
	}
	var all times
	for range n {
		if err := pause(ctx, 20*time.Millisecond+rand.N(40*time.Millisecond)); err != nil {
			return nil, err
		}
		seen := s.expect(func(*screen) bool { return true })
		began := time.Now()
		if err := s.send("x"); err != nil {
			return nil, err
		}
		at, err := s.until(ctx, seen, keyLimit, "an echo")
		if err != nil {
			return nil, err
		}
		all = append(all, at.Sub(began))
	}
	return all, nil
}
