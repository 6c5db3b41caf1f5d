package dataset

import (
	"archive/tar"
	"compress/gzip"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"

	"github.com/noiseprobe/noiseprobe/internal/atomicfile"
)

// unpack extracts the set's files, and nothing else, from a .tar.gz. They are recognised by the last part of their names and written
// to dir whatever folder they are in, so that a name in the archive never decides where a file is written.
func (s SetInfo) unpack(archive, dir string) error {
	f, err := os.Open(archive)
	if err != nil {
		return err
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		return fmt.Errorf("%s: %w", archive, err)
	}
	missing := map[string]FileInfo{}
	for _, file := range s.Files {
		missing[file.Name] = file
	}
	members := tar.NewReader(z)
	for len(missing) > 0 {
		header, err := members.Next()
		if err == io.EOF {
			return fmt.Errorf("%s: %d files of %s are not in it", archive, len(missing), s.Name)
		}
		if err != nil {
			return fmt.Errorf("%s: %w", archive, err)
		}
		file, wanted := missing[path.Base(header.Name)]
		if !wanted || header.Typeflag != tar.TypeReg {
			continue
		}
		if err := extract(members, header.Size, file, dir); err != nil {
			return fmt.Errorf("%s: %w", archive, err)
		}
		delete(missing, file.Name)
	}
	return nil
}

func extract(r io.Reader, size int64, file FileInfo, dir string) error {
	if size != file.Bytes {
		return fmt.Errorf("%s has %d bytes, want %d", file.Name, size, file.Bytes)
	}
	return atomicfile.Write(filepath.Join(dir, file.Name), func(w io.Writer) error {
		_, err := io.Copy(w, r)
		return err
	})
}
