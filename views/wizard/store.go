package wizard

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"vmdeck.dev/vmdeck/config"
)

// draftFormat is written into the file of a draft. A file of a newer vmdeck is not guessed at.
const draftFormat = 1

// kept is a draft in its file.
type kept struct {
	Format int
	Saved  time.Time
	Draft  draft
}

// draftPath is where the draft for a context and a store is kept; empty: nowhere. Names of contexts may hold anything, so the file is
// called after a digest.
func draftPath(folder, context, where string) string {
	if folder == "" {
		return ""
	}
	sum := sha256.Sum256([]byte(context + "\x00" + where))
	return filepath.Join(folder, "profile-"+hex.EncodeToString(sum[:8])+".json")
}

// saveDraft keeps a draft. The file is the user's alone.
func saveDraft(path string, d draft, now time.Time) error {
	if path == "" {
		return nil
	}
	data, err := json.MarshalIndent(kept{draftFormat, now, d}, "", "  ")
	if err == nil {
		err = config.WriteFile(path, append(data, '\n'))
	}
	if err != nil {
		return fmt.Errorf("the draft could not be kept: %w", err)
	}
	return nil
}

// dropDraft removes a draft.
func dropDraft(path string) error {
	if path == "" {
		return nil
	}
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("the draft could not be removed: %w", err)
	}
	return nil
}

// readDraft reads the draft that was left; nil: none. One that cannot be read is set aside, where nothing overwrites it, and the note says
// so.
func readDraft(path string) (k *kept, note string) {
	if path == "" {
		return nil, ""
	}
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, ""
	}
	if err == nil {
		k, err = decodeDraft(data)
	}
	if err == nil {
		return k, ""
	}
	aside := path + ".bad"
	if renamed := os.Rename(path, aside); renamed != nil {
		return nil, fmt.Sprintf("The draft that was left cannot be used (%v), nor be set aside (%v).", err, renamed)
	}
	return nil, fmt.Sprintf("The draft that was left cannot be used: %v. It was set aside as %s.", err, aside)
}

func decodeDraft(data []byte) (*kept, error) {
	var head struct{ Format int }
	if err := json.Unmarshal(data, &head); err != nil {
		return nil, errors.New("its file is damaged")
	}
	if head.Format > draftFormat {
		return nil, errors.New("a newer vmdeck wrote it")
	}
	k := &kept{}
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if err := d.Decode(k); err != nil || head.Format < 1 || k.Draft.Step < 0 || int(k.Draft.Step) >= steps {
		return nil, errors.New("its file is damaged")
	}
	return k, nil
}
