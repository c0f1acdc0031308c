suppressMessages(library(metafor))
source("benchmarks/r/measure.R")

one <- measured(function() rma(yi, vi, data = studies))
answer(seconds = one$seconds, estimate = coef(one$value), tau2 = one$value$tau2)
