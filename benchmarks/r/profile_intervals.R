suppressMessages(library(metafor))
source("benchmarks/r/measure.R")

fit <- rma.mv(yi, vi, random = ~ 1 | study / effect, data = studies, control = list(rel.tol = 1e-10))
one <- measured(function() confint(fit))
limits <- sapply(one$value[1:2], function(each) each$random[1, c("ci.lb", "ci.ub")])
answer(seconds = one$seconds, lower = limits[1, ], upper = limits[2, ])
