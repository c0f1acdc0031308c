# Pins metafor's conv.fivenum(), with and without its test of skewness.
# Run: Rscript tests/reference/five_numbers.R > tests/reference/five_numbers.json   (metafor 5.1-12, jsonlite)
suppressMessages({library(metafor);library(jsonlite)})
d <- data.frame(min=c(2,NA,2,10,NA,1.5), q1=c(NA,4,4,NA,20,3), median=c(6,6,6,22,25,8), q3=c(NA,10,10,NA,31,12), max=c(34,NA,34,37,NA,19), n=c(60,60,60,25,400,12))
f <- function(...) {
   r <- suppressWarnings(conv.fivenum(min=min,q1=q1,median=median,q3=q3,max=max,n=n,data=d,append=FALSE,...))
   list(mean=as.numeric(r$mean),sd=as.numeric(r$sd),tval=as.numeric(attr(r$mean,"tval")),crit=as.numeric(attr(r$mean,"crit")),sig=attr(r$mean,"sig"))
}
cat(toJSON(list(data=as.list(d),norm=f(),notest=f(test=FALSE),lnorm=f(dist="lnorm"),lnorm_log=f(dist="lnorm",transf=FALSE),lnorm_notest=f(dist="lnorm",test=FALSE)),digits=I(17),na="null"))
