package profiles

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	tea "charm.land/bubbletea/v2"

	"vmdeck.dev/vmdeck/ui/dialog"
	"vmdeck.dev/vmdeck/ui/shell"
	"vmdeck.dev/vmdeck/ui/text"
	"vmdeck.dev/vmdeck/ui/theme"
)

const fieldPath = "path"

// export asks for a file and writes the profile into it, as YAML that vmdeck profile create and kubectl apply take.
func (p *Page) export(r *row) tea.Cmd {
	yaml, err := r.stored.Value.Manifest()
	if err != nil {
		return shell.Toast(theme.Bad, err.Error())
	}
	field := dialog.Field{
		ID: fieldPath, Label: "File", Value: "./" + r.ref.ObjectName() + ".yaml", Help: "A path on the machine that vmdeck runs on. ~ is your home.",
		Validate: func(path string) string {
			if strings.TrimSpace(path) == "" {
				return "name a file"
			}
			return ""
		},
	}
	form := dialog.NewForm(p.th, "Export "+r.title(), []string{"Writes the profile as YAML that another cluster, a folder or git takes."}, []dialog.Field{field}, "Export",
		func(answer dialog.Result) tea.Cmd {
			if !answer.OK {
				return nil
			}
			return p.write(exported{row: r, path: strings.TrimSpace(answer.Values[fieldPath]), yaml: yaml})
		})
	return shell.OpenDialog(form)
}

// exported is an export, and what came of it.
type exported struct {
	row  *row
	path string
	yaml []byte
	over bool // a file that is there may be overwritten
	err  error
}

func (p *Page) write(e exported) tea.Cmd {
	return p.beside("Writing "+e.path, func(context.Context) tea.Msg {
		if e.path, e.err = absolute(e.path); e.err == nil {
			e.err = writeFile(e.path, e.yaml, e.over)
		}
		return e
	})
}

func absolute(path string) (string, error) {
	if rest, home := strings.CutPrefix(path, "~/"); home {
		dir, err := os.UserHomeDir()
		if err != nil {
			return path, err
		}
		path = filepath.Join(dir, rest)
	}
	return filepath.Abs(path)
}

// writeFile writes a file that only its owner may read, as values may be secret. One that is there is left alone unless over is set.
func writeFile(path string, data []byte, over bool) error {
	flags := os.O_WRONLY | os.O_CREATE | os.O_EXCL
	if over {
		flags = os.O_WRONLY | os.O_CREATE | os.O_TRUNC
	}
	file, err := os.OpenFile(path, flags, 0o600)
	if err != nil {
		return err
	}
	_, err = file.Write(data)
	return errors.Join(err, file.Close())
}

func (p *Page) exported(e exported) tea.Cmd {
	switch {
	case e.err == nil:
		return shell.Toast(theme.Good, fmt.Sprintf("wrote %s into %s", e.row.title(), text.Clean(e.path)))
	case errors.Is(e.err, fs.ErrExist) && !e.over:
		question := dialog.NewConfirm(p.th, "The file is there already", []string{e.path, "Its contents would be lost."},
			[]dialog.Button{{ID: "over", Label: "Overwrite", Danger: true}}, func(answer dialog.Result) tea.Cmd {
				if !answer.OK {
					return nil
				}
				e.over = true
				return p.write(e)
			})
		return shell.OpenDialog(question)
	}
	return shell.OpenDialog(dialog.NewReason(p.th, e.row.title()+" was not exported", []string{e.err.Error()}, nil, nil))
}
