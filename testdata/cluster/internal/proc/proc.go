// Package proc starts and stops the processes of a cluster. A process holds a lock on its pid file for as long as it
// lives, through a file descriptor it inherits: the file is locked exactly when our process runs, whatever became of
// its number since. A pid alone could be somebody else's by now.
package proc

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// Process is what is known of one part's process.
type Process struct {
	Name    string
	PidFile string
	LogFile string
	// Env is added to our own environment.
	Env []string
}

// Pid of the running process, or 0 when none runs.
func (p Process) Pid() int {
	f, err := os.Open(p.PidFile)
	if err != nil {
		return 0
	}
	defer f.Close()
	if syscall.Flock(int(f.Fd()), syscall.LOCK_SH|syscall.LOCK_NB) == nil {
		return 0 // nobody holds it
	}
	data, err := os.ReadFile(p.PidFile)
	if err != nil {
		return 0
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(data)))
	if err != nil {
		return 0
	}
	return pid
}

// Start runs this program again with args, in a session of its own so that it outlives the terminal. The returned
// channel is closed when the process ends while we are still here to see it.
func (p Process) Start(dir string, args []string) (<-chan struct{}, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	lock, err := os.OpenFile(p.PidFile, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("cannot write to the state folder: %w", err)
	}
	defer lock.Close()
	if !lockExclusive(lock) {
		return nil, fmt.Errorf("%s is already running", p.Name)
	}
	log, err := os.OpenFile(p.LogFile, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, fmt.Errorf("cannot write to the state folder: %w", err)
	}
	defer log.Close()
	fmt.Fprintf(log, "---- %s: starting %s\n", time.Now().Format(time.RFC3339), p.Name)

	cmd := exec.Command(self, args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), p.Env...)
	cmd.Stdout, cmd.Stderr = log, log
	cmd.ExtraFiles = []*os.File{lock} // keeps the lock as long as the process lives
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("cannot start %s: %w", p.Name, err)
	}
	err = lock.Truncate(0)
	if err == nil {
		_, err = lock.WriteAt([]byte(strconv.Itoa(cmd.Process.Pid)+"\n"), 0)
	}
	if err != nil {
		// Without its number on record nobody could stop it later.
		cmd.Process.Kill()
		cmd.Wait()
		return nil, fmt.Errorf("cannot write to the state folder: %w", err)
	}
	ended := make(chan struct{})
	go func() {
		cmd.Wait()
		close(ended)
	}()
	return ended, nil
}

// lockExclusive takes the lock of a starting process. Somebody who only looks whether it runs holds the lock for an
// instant too; that is waited out.
func lockExclusive(f *os.File) bool {
	for range 20 {
		if syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB) == nil {
			return true
		}
		time.Sleep(5 * time.Millisecond)
	}
	return false
}

// Stop asks the process to leave, waits for up to grace and then ends it. It returns once the process is gone.
func (p Process) Stop(grace time.Duration) error {
	pid := p.Pid()
	if pid == 0 {
		return nil
	}
	if err := syscall.Kill(pid, syscall.SIGTERM); err != nil && !errors.Is(err, syscall.ESRCH) {
		return fmt.Errorf("cannot stop %s (pid %d): %w", p.Name, pid, err)
	}
	if p.waitGone(grace) {
		return nil
	}
	syscall.Kill(pid, syscall.SIGKILL)
	if p.waitGone(10 * time.Second) {
		return nil
	}
	return fmt.Errorf("%s (pid %d) does not end, not even when killed", p.Name, pid)
}

// waitGone waits for the lock to be let go, which happens in the moment the process ends. It looks again and again
// because taking a lock cannot be given a time limit.
func (p Process) waitGone(limit time.Duration) bool {
	for end := time.Now().Add(limit); ; time.Sleep(20 * time.Millisecond) {
		if p.Pid() == 0 {
			return true
		}
		if time.Now().After(end) {
			return false
		}
	}
}

// LastWords are the last lines of the process's log that say something, for an error message.
func (p Process) LastWords(lines int) string {
	f, err := os.Open(p.LogFile)
	if err != nil {
		return ""
	}
	defer f.Close()
	const tail = 16 << 10
	if st, err := f.Stat(); err == nil && st.Size() > tail {
		f.Seek(st.Size()-tail, 0)
	}
	buf := make([]byte, tail)
	n, _ := f.Read(buf)
	all := strings.Split(strings.TrimSpace(string(buf[:n])), "\n")
	if len(all) > lines {
		all = all[len(all)-lines:]
	}
	return strings.Join(all, "\n")
}
