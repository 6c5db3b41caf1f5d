package report

import (
	"fmt"
	"slices"
	"strings"

	"github.com/noiseprobe/noiseprobe/analysis/document"
	"github.com/noiseprobe/noiseprobe/analysis/enhancement"
)

// matchedWords says what NE is beyond its covariance: the trace and the fourth cumulant along the first direction against SGD at
// B_eff, or the third where the fourth settles nothing. There are none where the two were not compared.
func matchedWords(c Checkpoint) []string {
	row, name := matchedRow(c, enhancement.FourthCumulantRatio), "fourth"
	if row == nil {
		return nil
	}
	if third := matchedRow(c, enhancement.ThirdCumulantRatio); nearerWords(*row) == notTold && third != nil && nearerWords(*third) != notTold {
		row, name = third, "third"
	}
	words := "At equal covariance"
	if trace := matchedRow(c, enhancement.TraceRatio); trace != nil {
		words += fmt.Sprintf(" (%s trace ratio %s, predicted %s)", trace.Evidence, document.Measured(trace.Measured, trace.CI), document.Number(trace.Predicted))
	}
	return []string{fmt.Sprintf("%s NE %s SGD at B_eff = %s: %s cumulant ratio along %s %s, predicted %s.", words,
		nearerWords(*row), document.Whole(row.Effective), name, strings.TrimPrefix(row.Direction, "noise "), document.Measured(row.Measured, row.CI),
		document.Number(row.Predicted))}
}

func matchedRow(c Checkpoint, quantity string) *enhancement.Comparison {
	i := slices.IndexFunc(c.Matched, func(r enhancement.Comparison) bool { return r.Quantity == quantity })
	if i < 0 {
		return nil
	}
	return &c.Matched[i]
}

const notTold = "cannot be told from"

func nearerWords(row enhancement.Comparison) string {
	switch {
	case row.CI.Lo > -1 && row.CI.Hi < 1:
		return "is nearer to Gaussian than"
	case row.CI.Lo > 1 || row.CI.Hi < -1:
		return "is further from Gaussian than"
	}
	return notTold
}

// exponentWords has a line for the first direction of each kind of evidence.
func exponentWords(c Checkpoint) (lines []string) {
	for _, evidence := range []string{enhancement.Resampled, enhancement.Direct} {
		i := slices.IndexFunc(c.ScaleExponent, func(e enhancement.ScaleExponent) bool { return e.Evidence == evidence })
		if i < 0 {
			continue
		}
		e := c.ScaleExponent[i]
		lines = append(lines, fmt.Sprintf("Scale exponent along %s at B = %s (%s, %s pairs): s = %s, Gaussian pairs %s: %s.",
			strings.TrimPrefix(e.Of, "noise "), document.Whole(e.Batch), e.Evidence, document.Whole(e.Draws), document.Measured(e.S, e.CI),
			orUndefined(document.Interval(e.GaussianSurrogate)), e.Reading()))
	}
	return lines
}

func orUndefined(text string) string {
	if text == "" {
		return document.Undefined
	}
	return text
}

// matchedTable has every row of the comparison; nil where there is none.
func matchedTable(rows []enhancement.Comparison) *document.Table {
	if len(rows) == 0 {
		return nil
	}
	t := &document.Table{Header: []string{"quantity", "direction", "evidence", "draws", "measured", "predicted", "p"}}
	for _, r := range rows {
		t.Add(strings.ReplaceAll(r.Quantity, "-", " "), r.Direction, r.Evidence, document.Whole(r.Draws), document.Measured(r.Measured, r.CI),
			document.Number(r.Predicted), orUndefined(strings.TrimPrefix(document.PValue(r.PValue), "p = ")))
	}
	return t
}
