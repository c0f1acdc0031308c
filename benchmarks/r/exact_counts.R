suppressMessages(library(metafor))
library(BiasedUrn)
source("benchmarks/r/measure.R")

one <- measured(function() rma.glmm(
  ai = events_t, n1i = n_t, ci = events_c, n2i = n_c, data = studies, measure = "OR", model = "CM.EL"
))
answer(seconds = one$seconds, estimate = coef(one$value), tau2 = one$value$tau2)
