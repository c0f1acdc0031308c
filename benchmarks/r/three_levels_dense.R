suppressMessages(library(metafor))
source("benchmarks/r/measure.R")

one <- measured(function() rma.mv(yi, vi, random = ~ 1 | study / effect, data = studies))
answer(seconds = one$seconds, estimate = coef(one$value), sigma2 = one$value$sigma2)
