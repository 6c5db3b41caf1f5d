package estimate

import (
	"fmt"
	"math"
	"strconv"
)

// CSV is the shortest text that reads back as x, and empty where x is not finite.
func CSV(x float64) string {
	if !Number(x).Defined() {
		return ""
	}
	return strconv.FormatFloat(x, 'g', -1, 64)
}

// ParseCSV is the inverse of [CSV]: an empty field is NaN. A field that is no finite number is an error.
func ParseCSV(field string) (float64, error) {
	if field == "" {
		return math.NaN(), nil
	}
	x, err := strconv.ParseFloat(field, 64)
	if err == nil && !Number(x).Defined() {
		err = fmt.Errorf("%q is not finite", field)
	}
	return x, err
}
