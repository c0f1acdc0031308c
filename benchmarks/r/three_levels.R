suppressMessages(library(metafor))
source("benchmarks/r/measure.R")

fit <- function(...) rma.mv(yi, vi, random = ~ 1 | study / effect, data = studies, ...)
one <- measured(function() fit(sparse = TRUE))
found <- fit(sparse = TRUE, control = list(rel.tol = 1e-10))
answer(seconds = one$seconds, estimate = coef(found), sigma2 = found$sigma2)
