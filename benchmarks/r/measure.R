# What every script here uses: studies from the file named first, the number of runs, and the answer as lines of text.
# Each script is run from the project's root: Rscript --vanilla benchmarks/r/NAME.R STUDIES.csv RUNS

arguments <- commandArgs(trailingOnly = TRUE)
studies <- read.csv(arguments[1])
runs <- as.integer(arguments[2])

# Processor time, user and system, of the quickest run; the value is the last run's.
measured <- function(job) {
  seconds <- numeric(runs)
  for (run in seq_len(runs)) {
    before <- proc.time()
    value <- job()
    spent <- proc.time() - before
    seconds[run] <- spent[["user.self"]] + spent[["sys.self"]]
  }
  list(value = value, seconds = min(seconds))
}

answer <- function(...) {
  for (name in ...names()) {
    cat(name, formatC(list(...)[[name]], digits = 17, format = "g"), "\n")
  }
}

# metafor's stopping rule as tight as its search bears, and half its step, so that it does not go round in circles: for
# the numbers compared, never for those timed.
tight <- list(threshold = 1e-12, maxiter = 10000, stepadj = 0.5)
