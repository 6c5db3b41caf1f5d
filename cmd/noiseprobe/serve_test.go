package main

import (
	"bufio"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os/exec"
	"regexp"
	"strings"
	"testing"
)

// served starts serve and returns the address that it prints, and what it then says.
func served(t *testing.T, args ...string) (address, said string) {
	t.Helper()
	p := exec.Command("noiseprobe", append([]string{"serve"}, args...)...)
	out, err := p.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	talk, err := p.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		p.Process.Kill()
		_ = p.Wait()
	})
	address, err = bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	said, err = bufio.NewReader(talk).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(address), said
}

// servedProcess starts serve and returns its process and address.
func servedProcess(t *testing.T, dir string) (*exec.Cmd, *url.URL) {
	t.Helper()
	p := exec.Command("noiseprobe", "serve", dir)
	out, err := p.StdoutPipe()
	if err == nil {
		err = p.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		p.Process.Kill()
		_ = p.Wait()
	})
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	target, err := url.Parse(strings.TrimSpace(line))
	if err != nil {
		t.Fatal(err)
	}
	return p, target
}

func shown(t *testing.T, url string) (status int, page string) {
	t.Helper()
	answer, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer.StatusCode, string(text)
}

func TestServe(t *testing.T) {
	dir := t.TempDir()
	sweep := exec.Command("noiseprobe", strings.Fields("sweep -data "+few+" -model [8] -steps 2 -checkpoints 0 -units 8 -draws 0 -eval 50 -resamples 512 -alpha 1,2 -out s")...)
	sweep.Dir = dir
	if text, err := sweep.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	url, said := served(t, dir)
	if !regexp.MustCompile(`^http://127\.0\.0\.1:\d+/$`).MatchString(url) || !regexp.MustCompile(`ssh -L \d+:127\.0\.0\.1:\d+ `).MatchString(said) {
		t.Errorf("printed %q and %q", url, said)
	}
	second, _ := served(t, dir)
	if second == url {
		t.Errorf("two servers at %s", url)
	}
	for path, wants := range map[string][]string{
		"":                                 {"sweep?dir=0%2Fs", "s/alpha1-seed1"},
		"sweep?dir=0%2Fs":                  {"2 of 2 runs are done", "no process carries it out", "<th>alpha</th>", "overlay?run=0%2Fs%2Falpha1-seed1&amp;run=0%2Fs%2Falpha2-seed1"},
		"run?run=0%2Fs%2Falpha2-seed1":     {"<svg", "All runs"},
		"overlay?run=0%2Fs%2Falpha1-seed1": {"s/alpha1-seed1"},
	} {
		status, page := shown(t, url+path)
		if status != http.StatusOK {
			t.Errorf("%s: status %d", path, status)
		}
		for _, want := range wants {
			if !strings.Contains(page, want) {
				t.Errorf("%s lacks %q", path, want)
			}
		}
	}
}

// TestServeAsksForAToken where other machines can reach it.
func TestServeAsksForAToken(t *testing.T) {
	for _, args := range [][]string{{"-addr", "0.0.0.0:0"}, {"-token"}} {
		url, _ := served(t, append(args, t.TempDir())...)
		address, token, found := strings.Cut(url, "?token=")
		if !found || len(token) < 20 {
			t.Errorf("%v: printed %q", args, url)
		}
		port := regexp.MustCompile(`:\d+`).FindString(strings.TrimPrefix(address, "http://"))
		here := fmt.Sprintf("http://127.0.0.1%s/", port)
		if status, _ := shown(t, here); status != http.StatusForbidden {
			t.Errorf("%v: status %d without the token", args, status)
		}
		if status, _ := shown(t, here+"?token="+token); status != http.StatusOK {
			t.Errorf("%v: status %d with the token", args, status)
		}
	}
}
