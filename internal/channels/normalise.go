package channels

// NormaliseReLU sets dst to the batch normalisation of x followed by a rectifier:
//
//	z = (x[r][c] - mean[c]) scale[c] + shift[c],    dst[r][c] = max(z, 0)
//
// A NaN remains NaN. scale is the weight of the channel over its standard deviation. dst may be x.
func NormaliseReLU(dst, x, mean, scale, shift []float32) {
	rowsOf(len(x), len(mean))
	equal(len(x), len(dst))
	equal(len(mean), len(scale), len(shift))
	if from := normaliseReLUFast(dst, x, mean, scale, shift); from < len(mean) {
		plainNormaliseReLU(from, dst, x, mean, scale, shift)
	}
}

func plainNormaliseReLU(from int, dst, x, mean, scale, shift []float32) {
	stride := len(mean)
	mean, scale, shift = mean[from:], scale[from:], shift[from:]
	for lo := from; lo < len(x); lo += stride {
		dst, x, scale, shift := dst[lo:][:len(mean)], x[lo:][:len(mean)], scale[:len(mean)], shift[:len(mean)]
		for c := range mean {
			// The conversions keep compilers from fusing operations.
			dst[c] = max(float32((x[c]-mean[c])*scale[c])+shift[c], 0)
		}
	}
}

// DeltaSums sets sum and dot to the sums that the derivative of [NormaliseReLU] needs, added up as in [Sums]. With z as there and
// dy the derivative with respect to its result,
//
//	dz = dy[r][c] where z > 0, else 0
//	sum[c] = sum_r dz,    dot[c] = sum_r dz (x[r][c] - mean[c])
func DeltaSums(sum, dot, x, dy, mean, scale, shift []float32) {
	rowsOf(len(x), len(mean))
	equal(len(x), len(dy))
	equal(len(mean), len(sum), len(dot), len(scale), len(shift))
	clear(sum)
	clear(dot)
	if from := deltaSumsFast(sum, dot, x, dy, mean, scale, shift); from < len(mean) {
		plainDeltaSums(from, sum, dot, x, dy, mean, scale, shift)
	}
}

func plainDeltaSums(from int, sum, dot, x, dy, mean, scale, shift []float32) {
	stride := len(mean)
	sum, dot, mean, scale, shift = sum[from:], dot[from:], mean[from:], scale[from:], shift[from:]
	for lo := from; lo < len(x); lo += stride {
		x, dy := x[lo:][:len(mean)], dy[lo:][:len(mean)]
		for c := range mean {
			d := x[c] - mean[c]
			dz := open(dy[c], float32(d*scale[c])+shift[c])
			sum[c] += dz
			dot[c] += float32(dz * d)
		}
	}
}

// open returns dy where the rectifier lets z through, and 0 elsewhere.
func open(dy, z float32) float32 {
	if z > 0 {
		return dy
	}
	return 0
}

// Delta sets dst to the derivative with respect to the x of [NormaliseReLU], with dz as in [DeltaSums]:
//
//	dst[r][c] = (scale[c] dz - first[c]) - second[c] (x[r][c] - mean[c])
//
// If mean and variance (divisor n) are those of the n rows of a batch, and scale = weight / sqrt(variance + epsilon), they
// depend on x too, and the sums over the batch account for that: first = scale sum / n, second = scale dot / (n (variance +
// epsilon)). If they are constants, first and second are 0. dst may be dy.
func Delta(dst, x, dy, mean, scale, shift, first, second []float32) {
	rowsOf(len(x), len(mean))
	equal(len(x), len(dst), len(dy))
	equal(len(mean), len(scale), len(shift), len(first), len(second))
	if from := deltaFast(dst, x, dy, mean, scale, shift, first, second); from < len(mean) {
		plainDelta(from, dst, x, dy, mean, scale, shift, first, second)
	}
}

func plainDelta(from int, dst, x, dy, mean, scale, shift, first, second []float32) {
	stride := len(mean)
	mean, scale, shift, first, second = mean[from:], scale[from:], shift[from:], first[from:], second[from:]
	for lo := from; lo < len(x); lo += stride {
		dst, x, dy := dst[lo:][:len(mean)], x[lo:][:len(mean)], dy[lo:][:len(mean)]
		for c := range mean {
			d := x[c] - mean[c]
			dz := open(dy[c], float32(d*scale[c])+shift[c])
			dst[c] = (float32(scale[c]*dz) - first[c]) - float32(second[c]*d)
		}
	}
}
