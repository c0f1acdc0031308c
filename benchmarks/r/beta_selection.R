suppressMessages(library(metafor))
source("benchmarks/r/measure.R")

all <- rma(yi, vi, data = studies, method = "ML")
# As it comes, its integrals are good to four digits and its search ends some way from the peak: it warns of that.
one <- suppressWarnings(measured(function() selmodel(all, type = "beta")))
fine <- selmodel(all, type = "beta", control = list(intCtrl = list(rel.tol = 1e-9, subdivisions = 1000)))
answer(seconds = one$seconds, estimate = fine$beta, tau2 = fine$tau2, delta = fine$delta)
