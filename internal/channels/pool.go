package channels

import "fmt"

// MaxPool sets dst [height/2, width/2, channels] to the largest elements of the blocks of 2x2 pixels of an image [height, width,
// channels], whose height and width are even. A NaN counts as larger than everything, as in PyTorch.
func MaxPool(dst, image []float32, height, width, channels int) {
	imageOf(height, width, channels)
	equal(height*width*channels, len(image), 4*len(dst))
	if from := maxPoolFast(dst, image, width, channels); from < channels {
		plainMaxPool(from, dst, image, width, channels)
	}
}

// imageOf panics unless an image can be divided into blocks of 2x2 pixels.
func imageOf(height, width, channels int) {
	if min(height, width, channels) <= 0 || height%2 != 0 || width%2 != 0 {
		panic(fmt.Sprintf("channels: %dx%d pixels of %d channels have no blocks of 2x2", height, width, channels))
	}
}

func plainMaxPool(from int, dst, image []float32, width, channels int) {
	row := width * channels
	for lo := 0; lo < len(dst); lo += channels {
		// The blocks before this one fill whole pairs of rows and then pairs of pixels.
		at := lo/(row/2)*2*row + lo%(row/2)*2
		for c := from; c < channels; c++ {
			b := at + c
			_, dst[lo+c] = largest([4]float32{image[b], image[b+channels], image[b+row], image[b+row+channels]})
		}
	}
}

// largest returns the index of the largest element of a block, and that element: the first of several equal ones, but the last NaN.
func largest(block [4]float32) (which int, value float32) {
	value = block[0]
	for k, v := range block[1:] {
		if v > value || v != v {
			which, value = k+1, v
		}
	}
	return which, value
}

// MaxPoolAdjoint sets dst [height, width, channels] to the derivative with respect to the image of [MaxPool], given dy [height/2,
// width/2, channels], the derivative with respect to its result. In each block dy goes to the first of the largest elements in the
// order top left, top right, bottom left, bottom right, or to the last NaN if there is one, as in PyTorch; the others are 0.
func MaxPoolAdjoint(dst, image, dy []float32, height, width, channels int) {
	imageOf(height, width, channels)
	equal(height*width*channels, len(image), len(dst), 4*len(dy))
	if from := maxPoolAdjointFast(dst, image, dy, width, channels); from < channels {
		plainMaxPoolAdjoint(from, dst, image, dy, width, channels)
	}
}

func plainMaxPoolAdjoint(from int, dst, image, dy []float32, width, channels int) {
	row := width * channels
	for lo := 0; lo < len(dy); lo += channels {
		at := lo/(row/2)*2*row + lo%(row/2)*2
		for c := from; c < channels; c++ {
			b := at + c
			block := [4]int{b, b + channels, b + row, b + row + channels}
			which, _ := largest([4]float32{image[block[0]], image[block[1]], image[block[2]], image[block[3]]})
			for _, i := range block {
				dst[i] = 0
			}
			dst[block[which]] = dy[lo+c]
		}
	}
}
