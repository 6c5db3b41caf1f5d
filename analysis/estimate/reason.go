package estimate

// Needs are the numbers of units, draws or resamples that would do where there are too few; 0 is none that is known.
type Needs struct {
	Units     int `json:"units,omitempty"`
	Draws     int `json:"draws,omitempty"`
	Resamples int `json:"resamples,omitempty"`
}

// Reason says why there is no interval, test or verdict; its zero value is no reason.
type Reason struct {
	Why string
	// Remedy says what would do, such as "about 620 would do", and Needs has the number in it.
	Remedy string
	Needs  Needs
}

// String is the reason as a report.json has it.
func (r Reason) String() string {
	if r.Remedy == "" {
		return r.Why
	}
	return r.Why + "; " + r.Remedy
}
