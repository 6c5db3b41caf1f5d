package dataset

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"time"
)

// Waiting times of a transfer; tests shorten them.
var (
	retryWait    = time.Second      // before the first retry without progress, doubled each time
	stallTimeout = 30 * time.Second // without a byte, after which a connection is given up
)

const (
	maxRetries  = 3         // in a row without progress
	maxDownload = 256 << 20 // bytes; the CIFAR archives have 170 million
)

var errStalled = errors.New("the server stopped sending")

// permanentError is an error that would occur again in another attempt.
type permanentError struct{ error }

func (e permanentError) Unwrap() error { return e.error }

// transfer downloads one file into its .part file. tagFile, beside it, holds the ETag of the version that the part belongs to.
type transfer struct {
	client   *http.Client
	url      string
	part     string
	progress func(done, total int64)
}

func (t *transfer) tagFile() string { return t.part + ".etag" }

// run downloads until the server has sent the last byte. pieced reports that the file came in more than one answer.
func (t *transfer) run(ctx context.Context) (pieced bool, err error) {
	wait := retryWait
	for retries := 0; ; {
		before := t.size()
		pieced, err = t.attempt(ctx)
		var permanent permanentError
		if err == nil || errors.As(err, &permanent) || ctx.Err() != nil {
			return pieced, err
		}
		if t.size() > before {
			retries, wait = 0, retryWait
		} else if retries++; retries > maxRetries {
			return pieced, err
		}
		select {
		case <-ctx.Done():
			return pieced, ctx.Err()
		case <-time.After(wait):
			wait *= 2
		}
	}
}

// size is the number of bytes in the .part file.
func (t *transfer) size() int64 {
	if st, err := os.Stat(t.part); err == nil {
		return st.Size()
	}
	return 0
}

// attempt sends one request for the missing bytes and appends the answer.
func (t *transfer) attempt(ctx context.Context) (pieced bool, err error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	watchdog := time.AfterFunc(stallTimeout, func() { cancel(errStalled) })
	defer watchdog.Stop()
	have := t.size()
	resp, err := t.request(ctx, have)
	if err != nil {
		return false, stalledOr(ctx, err)
	}
	defer resp.Body.Close()
	sent := resp.Header.Get("Content-Range")
	switch code := resp.StatusCode; {
	case code == http.StatusOK:
		have = 0
		t.saveTag(resp.Header.Get("ETag"))
	case code == http.StatusPartialContent && strings.HasPrefix(sent, fmt.Sprintf("bytes %d-", have)):
		pieced = true
	case code == http.StatusRequestedRangeNotSatisfiable && sent == fmt.Sprintf("bytes */%d", have):
		return true, nil // nothing is missing
	default:
		return false, t.refused(resp)
	}
	err = t.save(resp, have, func() { watchdog.Reset(stallTimeout) })
	return pieced, stalledOr(ctx, err)
}

func stalledOr(ctx context.Context, err error) error {
	if err != nil && context.Cause(ctx) == errStalled {
		return errStalled
	}
	return err
}

func (t *transfer) request(ctx context.Context, have int64) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, t.url, nil)
	if err != nil {
		return nil, permanentError{err}
	}
	// Without this the client may decompress the file, and offsets would be those of another file.
	req.Header.Set("Accept-Encoding", "identity")
	if have > 0 {
		req.Header.Set("Range", fmt.Sprintf("bytes=%d-", have))
		if tag, err := os.ReadFile(t.tagFile()); err == nil {
			req.Header.Set("If-Range", string(tag))
		}
	}
	resp, err := t.client.Do(req)
	if err != nil {
		return nil, errors.Unwrap(err) // of the url.Error, which repeats the address
	}
	return resp, nil
}

// refused is the error for an answer without usable data. After one that refuses the range the next attempt starts from the beginning.
func (t *transfer) refused(resp *http.Response) error {
	switch code := resp.StatusCode; {
	case code == http.StatusRequestedRangeNotSatisfiable, code == http.StatusPartialContent:
		os.Remove(t.part)
		return errors.New("the server sent another range than asked for")
	case code == http.StatusRequestTimeout, code == http.StatusTooManyRequests, code >= 500:
		return fmt.Errorf("the server answers %s", resp.Status)
	default:
		return permanentError{fmt.Errorf("the server answers %s", resp.Status)}
	}
}

// saveTag stores the ETag of a version. Only a strong tag guarantees the same bytes (RFC 9110, section 8.8.1); without one a changed
// file is noticed only by the checksum at the end.
func (t *transfer) saveTag(tag string) {
	if tag == "" || strings.HasPrefix(tag, "W/") || os.WriteFile(t.tagFile(), []byte(tag), 0o666) != nil {
		os.Remove(t.tagFile())
	}
}

// save writes the body of an answer to the part, after its first have bytes, and calls alive whenever bytes arrive.
func (t *transfer) save(resp *http.Response, have int64, alive func()) error {
	f, err := os.OpenFile(t.part, os.O_CREATE|os.O_WRONLY, 0o666)
	if err != nil {
		return permanentError{err}
	}
	defer f.Close()
	if err := f.Truncate(have); err != nil {
		return permanentError{err}
	}
	total := resp.ContentLength
	if total >= 0 {
		total += have
	}
	buffer := make([]byte, 64<<10)
	for {
		n, readErr := resp.Body.Read(buffer)
		if _, err := f.WriteAt(buffer[:n], have); err != nil {
			return permanentError{err}
		}
		if have += int64(n); have > maxDownload {
			return permanentError{fmt.Errorf("more than %d bytes came, which no file of these sets has", maxDownload)}
		}
		if n > 0 {
			alive()
			t.progress(have, total)
		}
		if readErr == io.EOF {
			return f.Sync()
		}
		if readErr != nil {
			return readErr
		}
	}
}
