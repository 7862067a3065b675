package state

import (
	"fmt"
	"net"
	"strconv"
)

// Host is where everything listens: a test cluster is nobody else's business.
const Host = "127.0.0.1"

// PortsFrom gives each part its port, counted from base. Base 0 asks the system for free ones.
func PortsFrom(base int) (map[string]int, error) {
	ports := map[string]int{}
	if base == 0 {
		// All listeners stay open until every part has its port, so that no port is given twice.
		for _, part := range PartNames {
			l, err := net.Listen("tcp", Host+":0")
			if err != nil {
				return nil, fmt.Errorf("cannot find a free port: %w", err)
			}
			defer l.Close()
			ports[part] = l.Addr().(*net.TCPAddr).Port
		}
		return ports, nil
	}
	if base < 1024 || base+len(PartNames) > 65535 {
		return nil, fmt.Errorf("--port-base %d: choose a number from 1024 to %d, or 0 for free ports", base, 65535-len(PartNames))
	}
	for i, part := range PartNames {
		ports[part] = base + i
	}
	return ports, nil
}

// Port of a part.
func (f *Folder) Port(part string) int { return f.Config.Ports[part] }

// Addr is host:port of a part.
func (f *Folder) Addr(part string) string {
	return net.JoinHostPort(Host, strconv.Itoa(f.Port(part)))
}

// CheckFree says in one sentence which part's port somebody else has.
func (f *Folder) CheckFree(part string) error {
	l, err := net.Listen("tcp", f.Addr(part))
	if err != nil {
		return fmt.Errorf("port %d, meant for %s, is taken by another program; choose other ports with --port-base (0 finds free ones)", f.Port(part), part)
	}
	return l.Close()
}
