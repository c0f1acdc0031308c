suppressMessages(library(metafor))
source("benchmarks/r/measure.R")

all <- rma(yi, vi, data = studies)
one <- measured(function() influence(all))
found <- influence(rma(yi, vi, data = studies, control = tight))$inf
answer(seconds = one$seconds, cook = found$cook.d, tau2 = found$tau2.del)
