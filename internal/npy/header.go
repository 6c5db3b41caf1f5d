package npy

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// header is the dictionary at the start of a .npy file.
type header struct {
	descr   string // element type: byte order, kind, bytes, such as "<f8"
	fortran bool
	shape   []int
}

// token matches the parts of a Python literal that a header of numbers consists of.
var token = regexp.MustCompile(`^\s*('[^'\\]*'|"[^"\\]*"|-?\w+|[{}()\[\],:])`)

// parser reads a header token by token. It stops at the first unexpected token, which err describes.
type parser struct {
	rest string
	err  error
}

// parseHeader reads a dictionary such as {'descr': '<f8', 'fortran_order': False, 'shape': (6, 4), }.
func parseHeader(text string) (header, error) {
	var h header
	p := &parser{rest: text}
	seen := map[string]bool{}
	p.expect("{")
	for p.err == nil && !p.accept("}") {
		key := p.quoted()
		p.expect(":")
		if seen[key] {
			p.fail(key)
		}
		seen[key] = true
		h.read(p, key)
		if !p.accept(",") {
			p.expect("}")
			break
		}
	}
	if p.err == nil && strings.TrimSpace(p.rest) != "" {
		p.fail(p.rest)
	}
	if p.err != nil {
		return h, p.err
	}
	for _, key := range []string{"descr", "fortran_order", "shape"} {
		if !seen[key] {
			return h, fmt.Errorf("header has no %s", key)
		}
	}
	return h, nil
}

// read reads the value of a key.
func (h *header) read(p *parser, key string) {
	switch key {
	case "descr":
		if p.err == nil && p.accept("[") {
			p.err = errors.New("structured dtype is not supported")
			return
		}
		h.descr = p.quoted()
	case "fortran_order":
		if h.fortran = p.accept("True"); !h.fortran {
			p.expect("False")
		}
	case "shape":
		h.shape = p.shape()
	default:
		p.fail(key)
	}
}

// shape reads a tuple: (), (6,), (6, 4) or (6, 4,).
func (p *parser) shape() []int {
	shape := []int{}
	p.expect("(")
	for p.err == nil && !p.accept(")") {
		shape = append(shape, p.dimension())
		if p.accept(",") {
			continue
		}
		p.expect(")")
		if len(shape) == 1 {
			p.fail(")") // (6) is a number in Python
		}
		break
	}
	if p.err == nil && len(shape) > maxDims {
		p.err = fmt.Errorf("shape has %d dimensions, at most %d are supported", len(shape), maxDims)
	}
	return shape
}

func (p *parser) dimension() int {
	tok := p.next()
	n, err := strconv.ParseInt(strings.TrimSuffix(tok, "L"), 10, strconv.IntSize) // Python 2 wrote 6L
	switch {
	case p.err != nil:
	case errors.Is(err, strconv.ErrRange):
		p.err = fmt.Errorf("shape is larger than the file (%.40s)", tok)
	case err != nil:
		p.fail(tok)
	case n < 0:
		p.err = fmt.Errorf("negative dimension in shape (%d)", n)
	}
	return int(n)
}

// quoted reads a string.
func (p *parser) quoted() string {
	tok := p.next()
	if p.err == nil && tok[0] != '\'' && tok[0] != '"' {
		p.fail(tok)
	}
	return strings.Trim(tok, `'"`)
}

func (p *parser) expect(want string) {
	if tok := p.next(); tok != want {
		p.fail(tok)
	}
}

// accept takes the next token if it is want.
func (p *parser) accept(want string) bool {
	m := token.FindStringSubmatch(p.rest)
	if m == nil || m[1] != want {
		return false
	}
	p.rest = p.rest[len(m[0]):]
	return true
}

func (p *parser) next() string {
	m := token.FindStringSubmatch(p.rest)
	if m == nil {
		p.fail(p.rest)
		return ""
	}
	p.rest = p.rest[len(m[0]):]
	return m[1]
}

func (p *parser) fail(at string) {
	if p.err == nil {
		p.err = fmt.Errorf("malformed header at %.20q", strings.TrimSpace(at))
	}
}
