suppressMessages(library(bayesmeta))
source("benchmarks/r/measure.R")

one <- measured(function() bayesmeta(
  studies$yi, sqrt(studies$vi),
  tau.prior = function(tau) dhalfnormal(tau, scale = 0.5), mu.prior.mean = 0, mu.prior.sd = 2.82,
  interval.type = "central"
))
rows <- c("mean", "sd", "median", "95% lower", "95% upper")
answer(
  seconds = one$seconds, mu = one$value$summary[rows, "mu"], tau = one$value$summary[rows, "tau"],
  new = one$value$summary[rows, "theta"], studies = one$value$theta[rows, ]
)
