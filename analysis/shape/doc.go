// Package shape measures what the second moment of the noise cannot see: how far from Gaussian single gradients are, and with them the
// noise of a minibatch.
//
// It is opinionated about three things. The shape of a minibatch's noise is not drawn: it follows in closed form from the fourth cumulant of
// single gradients ([noise.NormExcess]), so that what is measured is gamma, over all directions at once and with a jackknife over the units,
// and what noise enhancement makes of it is a theorem. A direction that the data chose comes from one half of the units and is judged on the
// other. And every number that could be called non-Gaussian has a test whose p-value is right for Gaussian gradients; all tests of a report
// are judged together ([Judge]), at one false discovery rate.
//
// Start with [Of] for recorded units and [AddDraws] for real minibatches. Where few units carry the noise no interval from these units
// covers, and none is given: [covariance.Withheld].
package shape
