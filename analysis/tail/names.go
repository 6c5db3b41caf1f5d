package tail

// Names of the estimators, as in [Estimate.Method] and [StableEstimate.Method].
const (
	NameHill     = "hill"
	NameMoment   = "moment"
	NamePickands = "pickands"
	NameKernel   = "kernel"
	NameGPD      = "gpd"
	NamePowerLaw = "power-law"

	NameMohammadi    = "mohammadi"
	NameLogMoment    = "log-moment"
	NameMcCulloch    = "mcculloch"
	NameKoutrouvelis = "koutrouvelis"
)
