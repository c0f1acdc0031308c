# Pins metafor's escalc() for measures and options beyond the shared reference files.
# Run: Rscript tests/reference/effect_measures.R > tests/reference/effect_measures.json   (metafor 5.1-12, jsonlite)
suppressMessages({library(metafor); library(jsonlite)})

counts <- list(ai=c(12, 5, 30, 8, 0), bi=c(20, 40, 12, 52, 25), ci=c(6, 9, 14, 3, 4), di=c(28, 33, 26, 49, 22))
full   <- lapply(counts, head, 4)
means  <- list(m1i=c(5, 3.2, 4.4, 7.1), sd1i=c(2, 1.1, 1.7, 2.5), n1i=c(20, 12, 33, 8),
               m2i=c(4, 3.9, 2.0, 7.1), sd2i=c(3, 0.8, 2.2, 2.1), n2i=c(25, 9, 30, 41))
change <- list(m1i=c(5, 3.2, 4.4), sd1i=c(2, 1.1, 1.7), m2i=c(4, 3.9, 2.0), sd2i=c(3, 0.8, 2.2), ni=c(20, 12, 33), ri=c(0.5, 0.7, -0.3))
spread <- list(sdi=c(2, 1.1, 1.7), ni=c(20, 12, 33))
ranks  <- list(ai=c(0.6, 0.3, 0.95), n1i=c(20, 12, 33), n2i=c(25, 9, 30))
r      <- list(ri=c(0.3, -0.5, 0.8), ni=c(40, 22, 100))
part   <- list(ti=c(2.1, -1.3, 4), ni=c(40, 22, 100), mi=c(3, 2, 5), r2i=c(0.3, 0.5, 0.4))
fit    <- list(r2i=c(0.3, 0.5, 0.1), ni=c(40, 22, 100), mi=c(3, 2, 5))
paired <- list(ai=c(15, 8, 0, 4), bi=c(6, 11, 7, 0), ci=c(4, 0, 9, 10), di=c(25, 30, 14, 12))
margin <- list(ai=c(21, 19, 7), bi=c(29, 30, 23), ci=c(19, 8, 9), di=c(31, 41, 21), ri=c(0.6, 0.2, 0))
genes  <- list(ai=c(30, 12, 5), bi=c(45, 20, 9), ci=c(14, 11, 0))
rates  <- list(x1i=c(4, 0, 12), t1i=c(210.5, 80, 1300), x2i=c(9, 3, 0), t2i=c(190, 95.5, 640))

call <- function(id, measure, data, ...) {
   options <- list(...)
   res <- suppressWarnings(do.call(escalc, c(list(measure=measure), data, options)))
   list(id=paste0("pinned/", measure, "/", id), data=data, options=c(list(measure=measure), options),
        expected=list(yi=as.numeric(res$yi), vi=as.numeric(res$vi)))
}

cases <- list(
   call("CS", "PHI", counts, vtype="CS"), call("ST", "PHI", counts, vtype="ST"),
   call("CS", "ZPHI", counts, vtype="CS"), call("ST", "ZPHI", counts, vtype="ST"), call("", "ZTET", full),
   call("", "CLES", ranks), call("LS2", "CLES", ranks, vtype="LS2"),
   call("", "CLESN", means), call("LS2", "CLESN", means, vtype="LS2"), call("HO", "CLESN", means, vtype="HO"),
   call("", "CLESCN", change),
   call("H0", "SMD", means, vtype="H0"), call("H0 uncorrected", "SMD", means, vtype="H0", correct=FALSE),
   call("LS2", "SMD1", means, vtype="LS2"), call("UB", "SMD1", means, vtype="UB"), call("AV", "SMD1", means, vtype="AV"),
   call("H0", "SMD1", means, vtype="H0"), call("uncorrected", "SMD1", means, correct=FALSE),
   call("uncorrected", "SMD1H", means, correct=FALSE), call("LS2", "ROM", means, vtype="LS2"),
   call("LS2", "VR", means, vtype="LS2"), call("LS2", "CVR", means, vtype="LS2"),
   call("CS", "RPB", means, vtype="CS"), call("ST", "RPB", means, vtype="ST"), call("", "ZPB", means),
   call("CS", "ZPB", means, vtype="CS"), call("", "ZBIS", means),
   call("UB", "SMCC", change, vtype="UB"), call("LS2", "SMCR", change, vtype="LS2"),
   call("LS2", "SMCRH", change, vtype="LS2"), call("LS2", "SMCRPH", change, vtype="LS2"),
   call("LS2", "ROMC", change, vtype="LS2"), call("LS2", "VRC", change, vtype="LS2"), call("LS2", "CVRC", change, vtype="LS2"),
   call("H0", "COR", r, vtype="H0"), call("AV", "UCOR", r, vtype="AV"),
   call("AV", "PCOR", part, vtype="AV"), call("AV", "SPCOR", part, vtype="AV"), call("AV", "ZSPCOR", part, vtype="AV"),
   call("LS2", "R2", fit, vtype="LS2"), call("AV", "R2", fit, vtype="AV"), call("AV2", "R2", fit, vtype="AV2"),
   call("uncorrected", "SDLN", spread, correct=FALSE),
   call("", "MPORM", margin), call("", "MPOR", paired), call("all", "MPRR", paired, to="all"),
   call("none", "MPORC", paired, to="none"), call("none", "MPPETO", paired, to="none"), call("if0all", "MPRD", paired, to="if0all"),
   call("", "REH", genes),
   call("add 1", "IRR", rates, add=1), call("none", "IRSD", rates, to="none"),
   call("", "AUC", ranks), call("", "OR2D", counts), call("", "D2OR", means))
cat(toJSON(cases, digits=I(17), auto_unbox=TRUE, na="null"))
