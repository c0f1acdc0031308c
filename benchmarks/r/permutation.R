suppressMessages(library(metafor))
source("benchmarks/r/measure.R")

set.seed(1)
fit <- rma(yi, vi, mods = ~ latitude, data = studies, test = "knha", control = tight)
as_it_comes <- rma(yi, vi, mods = ~ latitude, data = studies, test = "knha")
one <- measured(function() permutest(as_it_comes, iter = 1000, progbar = FALSE))
answer(seconds = one$seconds, statistic = fit$zval, p = one$value$pval)
