package experiment

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"

	"github.com/noiseprobe/noiseprobe/internal/atomicfile"
	"github.com/noiseprobe/noiseprobe/internal/filekind"
	"github.com/noiseprobe/noiseprobe/internal/filelock"
	"github.com/noiseprobe/noiseprobe/internal/jsonfile"
)

// ExistsError says that the name of an output is taken.
type ExistsError struct {
	// Dir is that of a directory, or of a file.
	Dir string
	// Foreign says that the directory has no run or analysis, and force does not replace it.
	Foreign bool
}

func (e *ExistsError) Error() string { return fmt.Sprintf("%s exists", e.Dir) }

// place is where a run directory is to be made.
type place struct {
	dir    string
	exists bool
	// earlier is the lock of the run that is there and to be replaced, nil where there is none.
	earlier *os.File
}

// claim finds out whether a run directory can be made at dir, and with force locks the run that it replaces.
func claim(dir string, force bool) (*place, error) {
	if err := Outside(dir); err != nil {
		return nil, err
	}
	tidy(dir)
	taken, err := atomicfile.DirTaken(dir)
	if err != nil {
		return nil, err
	}
	if !taken {
		return &place{dir: dir}, nil
	}
	p := &place{dir: dir, exists: true}
	if err := p.take(force); err != nil {
		p.release()
		return nil, err
	}
	return p, nil
}

// take refuses what is never replaced: a run that goes on, and whatever is not a run.
func (p *place) take(force bool) (err error) {
	ours := Directory(p.dir).isRun()
	if ours {
		if p.earlier, err = Directory(p.dir).lock(Observer{}); err != nil {
			return err
		}
	}
	entries, err := os.ReadDir(p.dir)
	switch {
	case err != nil:
		return err
	case !force:
		return &ExistsError{p.dir, !ours && len(entries) > 0}
	case ours:
		if _, err = Directory(p.dir).readRecord(); err != nil {
			return fmt.Errorf("%w: -force removes nothing but runs", err)
		}
	case len(entries) > 0:
		return fmt.Errorf("%s: is not a run directory, and -force does not remove it", p.dir)
	}
	return nil
}

func (p *place) release() {
	if p.earlier != nil {
		p.earlier.Close()
	}
}

// create makes the directory with its run.json in it, in one step: a directory that exists has its run.json. It returns the lock of the
// run, which is taken before the directory has its name.
func (p *place) create(r runRecord, o Observer) (d Directory, lock *os.File, err error) {
	if err := os.MkdirAll(filepath.Dir(p.dir), 0o777); err != nil {
		return "", nil, err
	}
	temporary, err := atomicfile.TemporaryDir(p.dir)
	if err != nil {
		return "", nil, err
	}
	defer os.RemoveAll(temporary) // which may be an earlier run by then, that has stepped aside
	d = Directory(p.dir)
	lock, err = Directory(temporary).begin(r, o)
	var path *fs.PathError
	if errors.As(err, &path) {
		err = fmt.Errorf("%s: %w", d.RecordPath(), path.Err) // the temporary name means nothing to a user
	}
	if err == nil {
		lock, err = p.put(temporary, lock, o)
	}
	if err != nil {
		lock.Close()
		return "", nil, err
	}
	return d, lock, nil
}

// begin writes and locks the run.json of a directory that has nothing else.
func (d Directory) begin(r runRecord, o Observer) (*os.File, error) {
	text, err := jsonfile.Text(r)
	if err != nil {
		return nil, err
	}
	f, err := os.OpenFile(d.RecordPath(), os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o666)
	if err != nil {
		return nil, err
	}
	if err := tryLock(f, o); err != nil {
		return f, err
	}
	_, err = f.Write(text)
	return f, errors.Join(err, f.Sync())
}

// movesOpenFiles says that a directory can be renamed while a file in it is open.
const movesOpenFiles = runtime.GOOS != "windows"

// put gives the new directory its name. An earlier run steps aside whole, so that a kill leaves one of the two there.
func (p *place) put(temporary string, lock *os.File, o Observer) (*os.File, error) {
	if !movesOpenFiles {
		lock.Close()
		p.release()
	}
	if !p.exists {
		if err := atomicfile.MoveDir(temporary, p.dir); err != nil {
			return lock, err
		}
	} else {
		old, err := atomicfile.ReplaceDir(temporary, p.dir)
		if err != nil {
			return lock, err
		}
		if err := os.RemoveAll(old); err != nil {
			return lock, err
		}
	}
	if movesOpenFiles {
		return lock, nil
	}
	return Directory(p.dir).lock(o)
}

// tidy removes what processes that were killed while they made or replaced the run directory dir have left beside it, and gives an earlier
// run its name back that had just stepped aside. A place that cannot be written stays as it is.
func tidy(dir string) {
	left := atomicfile.LeftoverDirs(dir)
	for _, name := range left {
		d := Directory(name)
		if _, err := os.Lstat(dir); errors.Is(err, fs.ErrNotExist) && atomicfile.SteppedAside(name) && d.isRun() && !d.held() {
			_ = atomicfile.MoveDir(name, dir)
		}
	}
	for _, name := range left {
		if abandoned(name) {
			_ = os.RemoveAll(name)
		}
	}
}

// held reports whether a process has locked the run.
func (d Directory) held() bool {
	held, err := filelock.Held(d.RecordPath())
	return held && err == nil
}

// abandoned reports whether a temporary directory is a run, or the beginning of one, that no process has locked.
func abandoned(name string) bool {
	d := Directory(name)
	entries, err := os.ReadDir(name)
	if err != nil || len(entries) == 0 {
		return err == nil // killed at once
	}
	f, _, err := filekind.Open(d.RecordPath())
	if err != nil {
		return false
	}
	defer f.Close()
	free, err := filelock.Try(f)
	return err == nil && free && (len(entries) == 1 || d.isRun())
}
