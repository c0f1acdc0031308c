suppressMessages(library(netmeta))
source("benchmarks/r/measure.R")

one <- measured(function() {
  netmeta(yi, sei, treat1, treat2, study, data = studies, sm = "MD", common = TRUE, random = TRUE, method.tau = "DL")
})
fit <- one$value
names_sorted <- sort(as.character(unique(c(studies$treat1, studies$treat2))))
answer(
  seconds = one$seconds, effects = fit$TE.random[names_sorted, names_sorted[1]],
  se = fit$seTE.random[names_sorted, names_sorted[1]], tau2 = fit$tau^2, q = fit$Q
)
