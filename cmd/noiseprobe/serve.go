package main

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/user"
	"strconv"
	"syscall"
	"time"

	"github.com/noiseprobe/noiseprobe/experiment"
	"github.com/noiseprobe/noiseprobe/experiment/serve"
	"github.com/noiseprobe/noiseprobe/internal/atomicfile"
)

type serveOptions struct {
	addr, once   string
	token, force bool
}

// firstPort is the port that serve takes if it is free, and triedPorts how many it tries.
const (
	firstPort  = 8230
	triedPorts = 100
)

func serveCommand() command {
	return command{
		name: "serve", args: "[DIR...]",
		summary: "shows runs and sweeps in a browser, also while they go on",
		detail: `Lists the runs and sweeps in the directories and below them, the current one by default, and shows each run as its report, with
the curves of the training on top as they grow, and curves of several runs over each other. Nothing is written, and nothing is loaded
from elsewhere. Links are not followed.

The address of the page is the first line of standard output. It is one of this machine, which other machines cannot reach: the line
that makes a tunnel with ssh is on standard error. With -addr the server listens elsewhere; unless that is this machine alone, the
address then has a token in it, without which nothing is shown. All addresses in the pages are relative, so that they work behind any
path prefix of a proxy; one that passes on another host name needs -token. Anyone who has an account on this machine can read what
is served, but for -token.

With -once one page is written to a file, that of a run as it is now, and nothing is served. Of a run that is damaged the page says so and shows what can
be read, and the status is 1.
`,
		example: `noiseprobe run -model '[16]' -data synthetic -steps 20 -out watched
noiseprobe serve -once now.html watched`,
		define: func(f *flags) func(*session, []string) error {
			o := &serveOptions{}
			f.StringVar(&o.addr, "addr", "", fmt.Sprintf("`HOST:PORT` address to listen at (default 127.0.0.1 and the first free port from %d on)", firstPort))
			f.BoolVar(&o.token, "token", false, "ask for a token, which is part of the address that is printed, on this machine as well")
			f.StringVar(&o.once, "once", "", "`FILE` file to write the page of the run in DIR to, instead of serving")
			f.BoolVar(&o.force, "force", false, "replace FILE of -once")
			return func(s *session, dirs []string) error {
				if f.given("once") {
					return o.writeOnce(dirs)
				}
				return o.serve(s, dirs)
			}
		},
	}
}

func (o *serveOptions) writeOnce(dirs []string) error {
	if len(dirs) != 1 {
		return usageError("serve -once: takes one run directory, got %d", len(dirs))
	}
	if o.once == "" {
		return usageError("-once: needs the name of a file")
	}
	exists, err := atomicfile.Taken(o.once)
	if err != nil {
		return err
	}
	if exists && !o.force {
		return &hintError{fmt.Errorf("%s exists", o.once), "-force replaces it"}
	}
	release, err := experiment.LockAround(experiment.Observer{}, o.once)
	if err != nil {
		return err
	}
	defer release()
	page, failure, err := serve.Once(dirs[0])
	if err != nil {
		return err
	}
	err = put("once", o.once, o.force, func(w io.Writer) error {
		_, err := w.Write(page)
		return err
	})
	if err == nil && failure != "" {
		return &hintError{errors.New(failure), o.once + " has been written with what can be read"}
	}
	return err
}

func (o *serveOptions) serve(s *session, dirs []string) error {
	if len(dirs) == 0 {
		dirs = []string{"."}
	}
	listener, err := o.listen()
	if err != nil {
		return err
	}
	defer listener.Close()
	at := listener.Addr().(*net.TCPAddr)
	settings := serve.Settings{Roots: dirs, Flags: settings{}}
	if o.token || !at.IP.IsLoopback() {
		settings.Token = rand.Text()
	}
	handler, err := serve.New(settings)
	if err != nil {
		return err
	}
	if err := s.announce(at, settings.Token); err != nil {
		return err
	}
	server := &http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second, IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 1 << 17}
	return server.Serve(listener)
}

// listen listens at the address that was given, or at the next free port of this machine.
func (o *serveOptions) listen() (net.Listener, error) {
	if o.addr != "" {
		if _, _, err := net.SplitHostPort(o.addr); err != nil {
			return nil, usageError("-addr %s: must be HOST:PORT", o.addr)
		}
		l, err := net.Listen("tcp", o.addr)
		if err != nil {
			return nil, fmt.Errorf("-addr %s: %w", o.addr, listenReason(err))
		}
		return l, nil
	}
	var failed error
	for port := firstPort; port < firstPort+triedPorts; port++ {
		l, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
		if err == nil {
			return l, nil
		}
		failed = err
	}
	return nil, fmt.Errorf("no port of 127.0.0.1 from %d to %d is free: %w", firstPort, firstPort+triedPorts-1, listenReason(failed))
}

// listenReason leaves out what net says of the call.
func listenReason(err error) error {
	var call *os.SyscallError
	var number syscall.Errno
	switch {
	case errors.As(err, &number):
		return number
	case errors.As(err, &call):
		return call.Err
	}
	return err
}

// announce prints the address at once, and how to reach it from another machine.
func (s *session) announce(at *net.TCPAddr, token string) error {
	host := at.IP.String()
	if at.IP.IsUnspecified() {
		host = hostname()
	}
	url := "http://" + net.JoinHostPort(host, strconv.Itoa(at.Port)) + "/"
	if token != "" {
		url += "?token=" + token
	}
	fmt.Fprintln(s.stdout, url)
	if f, ok := s.stdout.(interface{ Flush() error }); ok {
		if err := f.Flush(); err != nil {
			return err
		}
	}
	if at.IP.IsLoopback() {
		login := hostname()
		if u, err := user.Current(); err == nil {
			login = u.Username + "@" + login
		}
		s.say("from another machine: ssh -L %d:127.0.0.1:%d %s, then open the same address there", at.Port, at.Port, login)
	}
	s.say("an interrupt (Ctrl-C) ends it")
	return nil
}

func hostname() string {
	name, err := os.Hostname()
	if err != nil {
		return "localhost"
	}
	return name
}
