package tail

// fewest is the smallest n of Koutrouvelis' tables.
const fewest = 200

var tableSizes = []float64{fewest, 800, 1600}

// Koutrouvelis (1980): K, the number of points for alpha and scale, by alpha and n.
var modulusPoints = grid{[]float64{0.3, 0.5, 0.7, 0.9, 1.1, 1.3, 1.5, 1.9}, tableSizes, [][]float64{
	{134, 124, 118},
	{86, 68, 56},
	{30, 24, 20},
	{28, 22, 18},
	{24, 18, 15},
	{22, 16, 14},
	{11, 11, 11},
	{9, 9, 10},
}}

// Koutrouvelis (1980): L, the number of points for beta and location, by alpha and n.
var phasePoints = grid{[]float64{0.3, 0.5, 0.7, 0.9, 1.1, 1.5, 1.9}, tableSizes, [][]float64{
	{70, 68, 66},
	{40, 38, 36},
	{24, 16, 16},
	{14, 14, 14},
	{16, 18, 17},
	{12, 14, 15},
	{9, 10, 11},
}}
