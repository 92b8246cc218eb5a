package store

import (
	"bufio"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"

	"github.com/zonefleet/zonefleet/internal/zone"
)

// identity says whose data folder this is. Dots are never reused: a copy of a folder that wrote on under the same node
// id would give a dot to two changes, and both would vanish at the other's. So the machine and the folder's inode are
// kept beside the node id, and a folder that finds itself elsewhere takes a fresh one.
type identity struct {
	path string

	mu       sync.Mutex
	instance string
	node     zone.NodeID
	machine  string
	inode    string
}

// openIdentity reads DIR/instance, or makes it.
func openIdentity(dir string, o Options, fresh bool) (*identity, error) {
	id := &identity{path: filepath.Join(dir, "instance")}
	machine, inode, err := whereAmI(dir, o)
	if err != nil {
		return nil, err
	}
	found, err := id.read()
	if err != nil {
		return nil, err
	}
	if found && id.machine == machine && id.inode == inode {
		return id, nil
	}
	if !fresh {
		o.Logger.Warn("data folder is a copy, or was moved or restored: it becomes a new instance with a fresh node id",
			slog.String("folder", dir))
	}
	id.instance, id.machine, id.inode = rand.Text(), machine, inode
	id.node = newNode()
	return id, id.write()
}

func whereAmI(dir string, o Options) (machine, inode string, err error) {
	machine = o.MachineID
	if machine == "" {
		// A machine without the file (a container) is told apart by the inode alone.
		b, _ := os.ReadFile("/etc/machine-id")
		machine = strings.TrimSpace(string(b))
	}
	info, err := os.Stat(dir)
	if err != nil {
		return "", "", err
	}
	if st, ok := info.Sys().(*syscall.Stat_t); ok {
		inode = fmt.Sprint(st.Ino)
	}
	return machine, inode, nil
}

func newNode() (n zone.NodeID) {
	rand.Read(n[:]) // never fails: the process ends first
	return n
}

// read fills the identity from its file; found is false when there is none.
func (id *identity) read() (found bool, err error) {
	f, err := os.Open(id.path)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	defer f.Close()
	fields := map[string]string{}
	for lines := bufio.NewScanner(f); lines.Scan(); {
		name, v, _ := strings.Cut(lines.Text(), " ")
		fields[name] = v
	}
	node, err := hex.DecodeString(fields["node"])
	if err != nil || len(node) != len(id.node) || fields["format"] != "1" || fields["instance"] == "" {
		return false, fmt.Errorf("%w: %s; hint: remove it, the folder then becomes a new instance", ErrCorrupt, id.path)
	}
	id.instance, id.node = fields["instance"], zone.NodeID(node)
	id.machine, id.inode = fields["machine"], fields["inode"]
	return true, nil
}

func (id *identity) write() error {
	text := fmt.Sprintf("format 1\ninstance %s\nnode %x\nmachine %s\ninode %s\n",
		id.instance, id.node, id.machine, id.inode)
	return writeFile(id.path, []byte(text))
}

// writeFile puts a small secret file in place, whole or not at all.
func writeFile(path string, content []byte) (err error) {
	part := path + ".new"
	f, err := os.OpenFile(part, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(content)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	if err := os.Rename(part, path); err != nil {
		return err
	}
	return syncFolder(filepath.Dir(path))
}

func syncFolder(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// Instance names the data folder. Positions of another instance mean nothing here.
func (s *Store) Instance() string { return s.identity.instance }

// NodeID is who writes the dots of this node.
func (s *Store) NodeID() zone.NodeID {
	s.identity.mu.Lock()
	defer s.identity.mu.Unlock()
	return s.identity.node
}

// FreshNodeID takes a new node id, durably. It is called before the first write of a node that cannot be sure that
// nobody knows dots of it which it does not.
func (s *Store) FreshNodeID() error {
	id := s.identity
	id.mu.Lock()
	defer id.mu.Unlock()
	old := id.node
	id.node = newNode()
	if err := id.write(); err != nil {
		id.node = old
		return fmt.Errorf("write node id: %w", plain(err))
	}
	return nil
}
