package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"time"
)

// The size of the terminal.
const (
	columns = 160
	rows    = 50
)

// session is a program that runs in a terminal of its own, and what it has shown so far.
type session struct {
	cmd     *exec.Cmd
	tty     *os.File
	started time.Time
	ended   chan struct{} // closed when the program is gone

	mu     sync.Mutex
	screen *screen
	out    traffic
	// asked is what somebody waits to see, and seen is told when the output came that showed it. first is that of the first output
	// since then.
	asked func(*screen) bool
	seen  chan time.Time
	first time.Time
}

// traffic counts what a program sends to its terminal. Output that comes in one go is one burst: a frame, most often.
type traffic struct {
	bytes, bursts int64
	last          time.Time
}

const burstGap = 5 * time.Millisecond

// open starts a program in a terminal. It has no environment but what it needs: no configuration of the person who runs the bench.
func open(home, program string, args ...string) (*session, error) {
	ours, theirs, err := openPTY(columns, rows)
	if err != nil {
		return nil, err
	}
	defer theirs.Close()
	s := &session{cmd: exec.Command(program, args...), tty: ours, screen: newScreen(columns, rows), ended: make(chan struct{})}
	s.cmd.Dir = home
	s.cmd.Env = []string{"TERM=xterm-256color", "LANG=C.UTF-8", "HOME=" + home, "PATH=" + os.Getenv("PATH")}
	if v := os.Getenv("GODEBUG"); v != "" {
		s.cmd.Env = append(s.cmd.Env, "GODEBUG="+v)
	}
	attach(s.cmd, theirs)
	s.started = time.Now()
	if err := s.cmd.Start(); err != nil {
		ours.Close()
		return nil, fmt.Errorf("start %s: %w", program, err)
	}
	go s.read()
	go func() {
		_ = s.cmd.Wait() // how it ended shows on its screen
		close(s.ended)
	}()
	return s, nil
}

// read takes in the program's output until its terminal is gone.
func (s *session) read() {
	buf := make([]byte, 64<<10)
	for {
		n, err := s.tty.Read(buf)
		now := time.Now()
		if n > 0 {
			s.take(buf[:n], now)
		}
		if err != nil {
			return
		}
	}
}

func (s *session) take(p []byte, now time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if now.Sub(s.out.last) > burstGap {
		s.out.bursts++
	}
	s.out.bytes += int64(len(p))
	s.out.last = now
	_, _ = s.screen.Write(p)
	if s.asked == nil {
		return
	}
	if s.first.IsZero() {
		s.first = now
	}
	if s.asked(s.screen) {
		s.asked = nil
		s.seen <- now
	}
}

// expect begins to look for something on the screen, from the next output on.
func (s *session) expect(what func(*screen) bool) <-chan time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked, s.seen, s.first = what, make(chan time.Time, 1), time.Time{}
	return s.seen
}

// firstOutput is when the first output since expect came.
func (s *session) firstOutput() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.first
}

// look reads the screen as it is now.
func (s *session) look(f func(*screen)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f(s.screen)
}

// traffic returns what was sent so far.
func (s *session) traffic() traffic {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.out
}

// until waits for something that expect looks for.
func (s *session) until(ctx context.Context, seen <-chan time.Time, limit time.Duration, what string) (time.Time, error) {
	timer := time.NewTimer(limit)
	defer timer.Stop()
	select {
	case at := <-seen:
		return at, nil
	case <-ctx.Done():
		return time.Time{}, context.Cause(ctx)
	case <-s.ended:
		return time.Time{}, fmt.Errorf("%s: the program has ended; its last screen:\n%s", what, s.lastScreen())
	case <-timer.C:
		return time.Time{}, &unseenError{what: what, limit: limit, screen: s.lastScreen()}
	}
}

// told is how many lines of a screen go into an error message.
const told = 8

// unseenError is something that should have come to the screen.
type unseenError struct {
	what   string
	limit  time.Duration
	screen string
}

func (e *unseenError) Error() string {
	return fmt.Sprintf("%s: not on the screen within %s, which shows:\n%s", e.what, e.limit, e.screen)
}

func isUnseen(err error) bool {
	var unseen *unseenError
	return errors.As(err, &unseen)
}

// wait waits until the screen shows something, which it may do already, and returns when the output came that did.
func (s *session) wait(ctx context.Context, limit time.Duration, what string, shown func(*screen) bool) (time.Time, error) {
	seen := s.expect(shown)
	s.look(func(sc *screen) {
		if s.asked != nil && shown(sc) {
			s.asked = nil
			s.seen <- s.out.last
		}
	})
	return s.until(ctx, seen, limit, what)
}

// lastScreen is the top of what the program shows.
func (s *session) lastScreen() (text string) {
	s.look(func(sc *screen) {
		lines := strings.Split(strings.TrimSpace(sc.text()), "\n")
		text = strings.Join(lines[:min(told, len(lines))], "\n")
	})
	return text
}

// send types keys.
func (s *session) send(keys string) error {
	_, err := io.WriteString(s.tty, keys)
	if err != nil {
		return fmt.Errorf("write to the terminal: %w", err)
	}
	return nil
}

// pid is the program's process.
func (s *session) pid() int { return s.cmd.Process.Pid }

// close ends the program, in the friendly way first.
func (s *session) close() {
	_ = s.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case <-s.ended:
	case <-time.After(3 * time.Second):
		_ = s.cmd.Process.Kill()
		<-s.ended
	}
	s.tty.Close()
}
