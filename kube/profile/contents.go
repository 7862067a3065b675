package profile

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"time"
)

const (
	fetchTimeout    = 2 * time.Minute
	longestManifest = 20 << 20 // bytes; KubeVirt's operator has less than one MiB
)

// Contents reads the manifests of a profile, by their names, from where they are. The error is a sentence that says which one could not be
// had, and why.
func (p Profile) Contents(ctx context.Context) (map[string]string, error) {
	client := &http.Client{CheckRedirect: func(next *http.Request, _ []*http.Request) error {
		if next.URL.Scheme != "https" {
			return fmt.Errorf("the server sends on to %s, which is not encrypted", next.URL.Host)
		}
		return nil
	}}
	return p.contents(ctx, client)
}

func (p Profile) contents(ctx context.Context, client *http.Client) (map[string]string, error) {
	out := map[string]string{}
	for _, m := range p.Manifests {
		text, err := m.read(ctx, client)
		if err != nil {
			return nil, fmt.Errorf("read the manifest %s: %w", m.Name, err)
		}
		out[m.Name] = text
	}
	return out, nil
}

func (m Manifest) read(ctx context.Context, client *http.Client) (string, error) {
	var data []byte
	var err error
	switch {
	case m.Content != "":
		return m.Content, nil
	case m.File != "":
		data, err = readFile(m.File)
	default:
		data, err = fetch(ctx, client, m.URL)
	}
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(data)
	if got := hex.EncodeToString(sum[:]); m.SHA256 != "" && got != m.SHA256 {
		return "", fmt.Errorf("what is at %s is not what the profile means: its SHA-256 digest is %s, and the profile has %s", m.URL+m.File, got, m.SHA256)
	}
	return string(data), nil
}

func readFile(path string) ([]byte, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	return readAll(file, path)
}

func fetch(ctx context.Context, client *http.Client, address string) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, fetchTimeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, err
	}
	response, err := client.Do(request)
	var call *url.Error
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		return nil, fmt.Errorf("%s gave no answer in %s; a file can take its place where there is no internet", address, fetchTimeout)
	case errors.As(err, &call):
		return nil, fmt.Errorf("%s cannot be reached: %w; a file can take its place where there is no internet", address, call.Err)
	case err != nil:
		return nil, err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s answered %d %s", address, response.StatusCode, http.StatusText(response.StatusCode))
	}
	return readAll(response.Body, address)
}

func readAll(r io.Reader, where string) ([]byte, error) {
	data, err := io.ReadAll(io.LimitReader(r, longestManifest+1))
	if err == nil && len(data) > longestManifest {
		err = fmt.Errorf("%s is longer than %d MiB", where, longestManifest>>20)
	}
	return data, err
}
