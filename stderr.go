package main

import (
	"bufio"
	"fmt"
	"os"
	"strings"
)

// divertStderr keeps whatever writes to standard error off the screen and returns its lines: credential plugins write there, also what
// the user must do to log in. restore puts standard error back and closes the channel.
func divertStderr() (lines <-chan string, restore func(), err error) {
	read, write, err := os.Pipe()
	if err != nil {
		return nil, nil, fmt.Errorf("keep standard error off the screen: %w", err)
	}
	before := os.Stderr
	os.Stderr = write
	said, done := make(chan string, 16), make(chan struct{})
	go func() {
		defer close(said)
		defer read.Close()
		in := bufio.NewScanner(read)
		for in.Scan() {
			line := strings.TrimSpace(in.Text())
			if line == "" {
				continue
			}
			select {
			case said <- line:
			case <-done: // nobody shows it any more
			}
		}
	}()
	return said, func() {
		os.Stderr = before
		close(done)
		_ = write.Close()
	}, nil
}
