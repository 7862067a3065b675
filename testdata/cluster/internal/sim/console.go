package sim

import (
	"fmt"
	"hash/fnv"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"net/http"
	"strings"
	"time"

	"github.com/gorilla/websocket"
	virtv1 "kubevirt.io/api/core/v1"
	kvcorev1 "kubevirt.io/client-go/kubevirt/typed/core/v1"
)

// console is the guest's serial console: a login that takes any name and no password, and a shell that knows a handful
// of words. virt-api passes the bytes on as they are.
func (s *Simulator) console(w http.ResponseWriter, r *http.Request, vmi *virtv1.VirtualMachineInstance) error {
	conn, err := kvcorev1.NewUpgrader().Upgrade(w, r, nil)
	if err != nil {
		return nil // the upgrader has answered
	}
	defer conn.Close()
	t := &terminal{vmi: vmi, conn: conn}
	t.prompt()
	for {
		_, data, err := conn.ReadMessage()
		if err != nil {
			return nil
		}
		for _, b := range data {
			t.key(b)
		}
		if t.flush() != nil {
			return nil
		}
	}
}

// terminal is one visitor of a console.
type terminal struct {
	vmi  *virtv1.VirtualMachineInstance
	conn *websocket.Conn
	user string
	line []byte
	out  strings.Builder
}

func (t *terminal) flush() error {
	if t.out.Len() == 0 {
		return nil
	}
	defer t.out.Reset()
	return t.conn.WriteMessage(websocket.BinaryMessage, []byte(t.out.String()))
}

// prompt also greets when nobody is logged in. Like a real getty, it is shown again on Enter only.
func (t *terminal) prompt() {
	if t.user == "" {
		fmt.Fprintf(&t.out, "\r\n%s %s ttyS0\r\n\r\n%s login: ", t.vmi.Status.GuestOSInfo.PrettyName, t.vmi.Status.GuestOSInfo.KernelRelease, t.vmi.Name)
	} else {
		fmt.Fprintf(&t.out, "[%s@%s ~]$ ", t.user, t.vmi.Name)
	}
	t.flush()
}

func (t *terminal) key(b byte) {
	switch {
	case b == '\r' || b == '\n':
		t.out.WriteString("\r\n")
		line := strings.TrimSpace(string(t.line))
		t.line = t.line[:0]
		t.enter(line)
		t.prompt()
	case b == 0x7f || b == '\b':
		if n := len(t.line); n > 0 {
			t.line = t.line[:n-1]
			t.out.WriteString("\b \b")
		}
	case b == 3: // Ctrl-C
		t.line = t.line[:0]
		t.out.WriteString("^C\r\n")
		t.prompt()
	case b == 4: // Ctrl-D
		t.user, t.line = "", t.line[:0]
		t.prompt()
	case b >= ' ':
		t.line = append(t.line, b)
		t.out.WriteByte(b)
	}
}

// enter carries out a line.
func (t *terminal) enter(line string) {
	if t.user == "" {
		if t.user = line; line != "" {
			fmt.Fprintf(&t.out, "Welcome to %s (simulated)\r\n", t.vmi.Status.GuestOSInfo.PrettyName)
		}
		return
	}
	up := time.Since(phaseTime(t.vmi, virtv1.Running)).Round(time.Second)
	word, rest, _ := strings.Cut(line, " ")
	say := func(format string, args ...any) { fmt.Fprintf(&t.out, format+"\r\n", args...) }
	switch word {
	case "":
	case "help":
		say("date echo exit help hostname ip uname uptime whoami")
	case "echo":
		say("%s", rest)
	case "whoami":
		say("%s", t.user)
	case "hostname":
		say("%s", t.vmi.Name)
	case "date":
		say("%s", time.Now().UTC().Format(time.UnixDate))
	case "uptime":
		say(" %s up %s, 1 user", time.Now().UTC().Format("15:04:05"), up)
	case "uname":
		say("Linux %s %s x86_64 GNU/Linux", t.vmi.Name, t.vmi.Status.GuestOSInfo.KernelRelease)
	case "ip":
		for _, i := range t.vmi.Status.Interfaces {
			say("%s: %s  %s", i.InterfaceName, i.MAC, i.IP)
		}
	case "exit", "logout":
		t.user = ""
	default:
		say("sh: %s: command not found", word)
	}
}

// screenshot is a picture of a screen with a few lines on it, different for each VM.
func screenshot(w http.ResponseWriter, r *http.Request, vmi *virtv1.VirtualMachineInstance) error {
	h := fnv.New32a()
	h.Write([]byte(vmi.UID))
	seed := h.Sum32()
	img := image.NewPaletted(image.Rect(0, 0, 640, 400), color.Palette{color.Black, color.Gray{0xaa}})
	for row := 0; row < 18; row++ {
		width := int((seed >> (row % 16)) % 480)
		draw.Draw(img, image.Rect(8, 8+row*20, 8+width, 18+row*20), image.NewUniform(color.Gray{0xaa}), image.Point{}, draw.Src)
	}
	w.Header().Set("Content-Type", "image/png")
	return png.Encode(w, img)
}
