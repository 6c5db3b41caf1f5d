package imagepack

import (
	"errors"
	"math/bits"
)

// streams holds the prediction errors of all images, separated by the stream that predict names.
type streams [40][]byte

// separate replaces pixels by prediction errors.
func separate(pixels []byte, height, width int) *streams {
	var s streams
	for ; len(pixels) > 0; pixels = pixels[height*width:] {
		above := make([]byte, width)
		for i := range height {
			row := pixels[i*width : (i+1)*width]
			left, corner := 0, 0
			for j, p := range row {
				guess, k := predict(left, int(above[j]), corner)
				s[k] = append(s[k], p-guess)
				left, corner = int(p), int(above[j])
			}
			above = row
		}
	}
	return &s
}

// join is the inverse of separate.
func (s *streams) join(n, height, width int) ([]byte, error) {
	var used [len(s)]int
	pixels := make([]byte, n*height*width)
	black := make([]byte, width)
	above := black
	for i := range n * height {
		if i%height == 0 {
			above = black
		}
		row := pixels[i*width : (i+1)*width]
		left, corner := 0, 0
		for j := range row {
			guess, k := predict(left, int(above[j]), corner)
			if used[k] == len(s[k]) {
				return nil, errors.New("a stream ends too early")
			}
			row[j] = guess + s[k][used[k]]
			used[k]++
			left, corner = int(row[j]), int(above[j])
		}
		above = row
	}
	for k := range s {
		if used[k] < len(s[k]) {
			return nil, errors.New("a stream is too long")
		}
	}
	return pixels, nil
}

// predict guesses a pixel from those to its left (a), above (b) and above left (c), 0 outside the image, and names the
// stream for the error of the guess. The guess is Paeth's: whichever of the three is nearest to a + b - c (PNG
// specification, section 9.4).
func predict(a, b, c int) (guess byte, stream int) {
	fromA, fromB, fromC := distance(b, c), distance(a, c), distance(a+b, 2*c)
	stream = 4 * bits.Len(uint(fromA+fromB)) // the sum is at most 510, its length at most 9
	if a == 0 {
		stream++
	}
	if b == 0 {
		stream += 2
	}
	switch {
	case fromA <= fromB && fromA <= fromC:
		return byte(a), stream
	case fromB <= fromC:
		return byte(b), stream
	}
	return byte(c), stream
}

func distance(x, y int) int { return max(x-y, y-x) }
