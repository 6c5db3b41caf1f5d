package main

// didYouMean begins the hint of an error about an unknown word, where one of the known words is near to it.
func didYouMean(dash, word string, known []string) string {
	if n := nearest(word, known); n != "" {
		return "did you mean " + dash + n + "? "
	}
	return ""
}

// nearest is the known word that differs least from another one: in a third of its letters at most, and at most in two. It is "" where
// there is none.
func nearest(word string, known []string) (found string) {
	least := min(max(1, len(word)/3), 2, len(word)-1) + 1
	for _, k := range known {
		if d := editDistance(word, k); d < least {
			found, least = k, d
		}
	}
	return found
}

// editDistance is the number of letters to insert, delete, change or swap with their neighbour that makes b of a, each letter touched
// once (the optimal string alignment distance).
func editDistance(a, b string) int {
	var before []int // rows i-2, i-1 and i of the table over all beginnings a[:i], b[:j]
	last := make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := range len(a) {
		row := append(make([]int, 0, len(b)+1), i+1)
		for j := range len(b) {
			d := min(last[j+1], row[j]) + 1
			if a[i] == b[j] {
				d = min(d, last[j])
			} else {
				d = min(d, last[j]+1)
			}
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				d = min(d, before[j-1]+1)
			}
			row = append(row, d)
		}
		before, last = last, row
	}
	return last[len(b)]
}
