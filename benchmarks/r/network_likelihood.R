suppressMessages(library(metafor))
source("benchmarks/r/measure.R")

# Contrasts of each study against its first treatment, with their covariance by the variances of all its comparisons.
prepared <- lapply(split(studies, studies$study), function(rows) {
  base <- min(rows$treat1, rows$treat2)
  own <- rows[rows$treat2 == base, ]
  V <- diag(own$sei^2, nrow(own))
  for (i in seq_len(nrow(own))) {
    for (j in seq_len(nrow(own))) {
      if (i != j) {
        other <- rows$treat1 %in% own$treat1[c(i, j)] & rows$treat2 %in% own$treat1[c(i, j)]
        V[i, j] <- (own$sei[i]^2 + own$sei[j]^2 - rows$sei[other]^2) / 2
      }
    }
  }
  list(rows = own, V = V)
})
contrasts <- do.call(rbind, lapply(prepared, `[[`, "rows"))
V <- bldiag(lapply(prepared, `[[`, "V"))
treatments <- sort(unique(c(studies$treat1, studies$treat2)))
X <- sapply(treatments[-1], function(t) (contrasts$treat1 == t) - (contrasts$treat2 == t))
contrasts$comparison <- paste(contrasts$treat1, contrasts$treat2)

fitted <- function(control) {
  rma.mv(yi, V,
    mods = X, intercept = FALSE, random = ~ comparison | study, rho = 1 / 2, data = contrasts, control = control
  )
}
one <- measured(function() fitted(list()))
close <- fitted(list(rel.tol = 1e-10))
answer(seconds = one$seconds, effects = c(0, coef(close)), se = c(0, close$se), tau2 = close$tau2)
