suppressMessages(library(metafor))
source("benchmarks/r/measure.R")

all <- rma(yi, vi, data = studies)
one <- measured(function() leave1out(all))
without <- leave1out(rma(yi, vi, data = studies, control = tight))
answer(seconds = one$seconds, estimate = without$estimate, tau2 = without$tau2)
