package dataset

import (
	"context"
	"crypto/md5"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"
)

// FetchOptions say where [Fetch] downloads from and to. The zero value is ready to use.
type FetchOptions struct {
	Dir     string       // where the files go; "" is CacheDir
	BaseURL string       // of a mirror that has the files under their names; "" is the address in SetInfo
	Client  *http.Client // nil is http.DefaultClient

	// Waiting, if not nil, is called once where another process is fetching into the same directory.
	Waiting func()

	// Progress, if not nil, is called as the bytes of a file arrive. Total is -1 where the server does not say it.
	Progress func(file string, done, total int64)
}

// Fetch downloads a set. Files that exist and are intact are left alone. A download has the suffix ".part" until its checksum has
// been verified; a damaged one is deleted. A download that is interrupted, by the network or because ctx is cancelled, continues
// from its .part file: in the same call, unless three attempts in a row bring nothing, or in a later call. Of several processes that
// fetch into one directory, one does so at a time, and the others find its files. A redirection from https to http is refused.
func Fetch(ctx context.Context, set string, opts FetchOptions) error {
	info, err := lookup(set)
	if err != nil {
		return err
	}
	if opts.Dir == "" {
		if opts.Dir, err = CacheDir(set); err != nil {
			return err
		}
	}
	return info.fetch(ctx, opts)
}

func (s SetInfo) fetch(ctx context.Context, opts FetchOptions) error {
	opts.Client = onlySecure(opts.Client)
	if err := os.MkdirAll(opts.Dir, 0o777); err != nil {
		return err
	}
	done, err := takeTurn(ctx, opts)
	if err != nil {
		return err
	}
	defer done()
	if s.prefix > 0 {
		return s.fetchArchive(ctx, s.Downloads[0], opts)
	}
	for i, d := range s.Downloads {
		if err := fetchFile(ctx, s.Files[i], d, opts); err != nil {
			return err
		}
	}
	return nil
}

// fetchFile fetches one compressed file. A damaged file of the same name is replaced. A damaged uncompressed one, which would be
// read in place of the new file and was not fetched by this function, is left for the user to remove.
func fetchFile(ctx context.Context, file FileInfo, d Download, opts FetchOptions) error {
	plain := filepath.Join(opts.Dir, file.Name)
	if _, err := os.Stat(plain); err == nil {
		if err := checkContent(plain, file); err != nil {
			return fmt.Errorf("%w: remove the file to fetch it again", err)
		}
		return nil
	}
	path := filepath.Join(opts.Dir, d.Name)
	if checkContent(path, file) == nil {
		return nil
	}
	part, err := fetchPart(ctx, d, opts, func(path string) error { return checkContent(path, file) })
	if err != nil {
		return err
	}
	return os.Rename(part, path)
}

// fetchArchive fetches an archive, unpacks the set's files and deletes the archive.
func (s SetInfo) fetchArchive(ctx context.Context, d Download, opts FetchOptions) error {
	if s.whole(opts.Dir) {
		return nil
	}
	part, err := fetchPart(ctx, d, opts, func(path string) error { return checkMD5(path, d.MD5) })
	if err != nil {
		return err
	}
	if err := s.unpack(part, opts.Dir); err != nil {
		return err
	}
	return os.Remove(part)
}

// whole reports whether a directory has all of the set's files, intact and complete.
func (s SetInfo) whole(dir string) bool {
	paths, _ := s.paths(dir)
	for i, path := range paths {
		if status := s.verify(s.Files[i], path); status.State != StateOK || status.Reason != "" {
			return false
		}
	}
	return true
}

// fetchPart downloads to a .part file and returns its path when check has accepted it. If a damaged one was put together from several
// answers, the file may have changed on the server in between: it is then fetched once more, from the start.
func fetchPart(ctx context.Context, d Download, opts FetchOptions, check func(path string) error) (string, error) {
	t := transfer{client: opts.Client, url: d.URL, part: filepath.Join(opts.Dir, d.Name) + ".part"}
	if opts.BaseURL != "" {
		t.url = strings.TrimSuffix(opts.BaseURL, "/") + "/" + d.Name
	}
	t.progress = func(done, total int64) {
		if opts.Progress != nil {
			opts.Progress(d.Name, done, total)
		}
	}
	for again := false; ; again = true {
		pieced, err := t.run(ctx)
		if err != nil {
			return "", fmt.Errorf("%s: %w", t.url, err)
		}
		os.Remove(t.tagFile())
		if err = check(t.part); err == nil {
			return t.part, nil
		}
		if unread := new(fs.PathError); errors.As(err, &unread) { // which says nothing about its contents
			return "", err
		}
		os.Remove(t.part)
		if !pieced || again {
			return "", fmt.Errorf("%s: damaged download, deleted: %w", t.url, err)
		}
	}
}

func checkMD5(path, want string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	h := md5.New()
	if _, err := io.Copy(h, f); err != nil {
		return err
	}
	if got := hex.EncodeToString(h.Sum(nil)); got != want {
		return fmt.Errorf("%s: md5 is %s, want %s", path, got, want)
	}
	return nil
}
