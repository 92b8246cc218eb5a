package zone

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"slices"
	"strings"
)

const (
	maxIncludeDepth = 10
	maxLinks        = 40      // symbolic links followed for one path
	includeCost     = 4 << 10 // counted for each include beside its size, so that empty files run out too
)

// includes reads the files of a zone: the zone file, and what lies in or below its folder.
type includes struct {
	fsys fs.FS
	dir  string
	size int64 // read so far
}

// read returns a regular file's text, as long as all of them together stay below the bound.
func (in *includes) read(name string) (string, error) {
	info, err := fs.Stat(in.fsys, name)
	if err != nil {
		return "", err
	}
	if !info.Mode().IsRegular() {
		return "", errors.New("it is not a regular file")
	}
	left := maxFileSize - in.size
	if info.Size() > left {
		return "", errFileTooLarge
	}
	f, err := in.fsys.Open(name)
	if err != nil {
		return "", err
	}
	defer f.Close()
	var text strings.Builder
	text.Grow(int(info.Size()))
	n, err := io.Copy(&text, io.LimitReader(f, left+1))
	if err != nil {
		return "", err
	}
	if n > left {
		return "", errFileTooLarge
	}
	in.size += n + includeCost
	return text.String(), nil
}

var errFileTooLarge = fmt.Errorf("the zone file and its includes are larger than %d octets", maxFileSize)

// include reads another file as if it stood here. Origin and owner of the including file stay what they were (RFC 1035
// section 5.1).
func (p *parser) include(src *source, args []string) error {
	if len(args) < 1 || len(args) > 2 {
		return errors.New("$INCLUDE takes a file and perhaps an origin")
	}
	if p.files == nil {
		return errors.New("$INCLUDE is not possible here: the text came from no file")
	}
	if src.depth >= maxIncludeDepth {
		return fmt.Errorf("$INCLUDE is nested deeper than %d files", maxIncludeDepth)
	}
	text, err := appendUnquoted(nil, args[0])
	if err != nil {
		return fmt.Errorf("$INCLUDE: %w", err)
	}
	sub := &source{origin: src.origin, depth: src.depth + 1}
	if len(args) == 2 {
		if sub.origin, err = ParseNameAt(args[1], src.origin); err != nil {
			return fmt.Errorf("$INCLUDE: origin: %w", err)
		}
	}
	if sub.name, err = p.files.resolve(string(text)); err != nil {
		return fmt.Errorf("$INCLUDE %s: %w", excerpt(string(text)), err)
	}
	content, err := p.files.read(sub.name)
	if err != nil {
		return fmt.Errorf("$INCLUDE %s: %w", excerpt(string(text)), pathless(err))
	}
	p.entries(sub, strings.TrimPrefix(content, byteOrder))
	return nil
}

// pathless drops the path from an error that already stands behind one.
func pathless(err error) error {
	var pathErr *fs.PathError
	if errors.As(err, &pathErr) {
		return pathErr.Err
	}
	return err
}

// resolve finds the file below the zone file's folder that an $INCLUDE names. It follows symbolic links itself, where
// the file system shows them, and refuses what leaves the folder. A file system that confines its paths (os.Root) also
// withstands links that change meanwhile.
func (in *includes) resolve(name string) (string, error) {
	todo := strings.Split(name, "/")
	if path.IsAbs(name) || slices.Contains(todo, "..") {
		return "", errOutsideFolder
	}
	done := ""
	for links := 0; len(todo) > 0; {
		step := todo[0]
		todo = todo[1:]
		switch step {
		case "", ".":
			continue
		case "..": // of a link
			if done == "" {
				return "", errOutsideFolder
			}
			done = strings.TrimPrefix(path.Dir(done), ".")
			continue
		}
		next := path.Join(done, step)
		info, err := fs.Lstat(in.fsys, path.Join(in.dir, next))
		if err != nil {
			return "", pathless(err)
		}
		if info.Mode()&fs.ModeSymlink == 0 {
			done = next
			continue
		}
		if links++; links > maxLinks {
			return "", errors.New("too many symbolic links")
		}
		target, err := fs.ReadLink(in.fsys, path.Join(in.dir, next))
		if err != nil {
			return "", pathless(err)
		}
		if path.IsAbs(target) {
			return "", errOutsideFolder
		}
		todo = append(strings.Split(target, "/"), todo...)
	}
	return path.Join(in.dir, done), nil
}

var errOutsideFolder = errors.New("only files in or below the zone file's own folder can be included")
