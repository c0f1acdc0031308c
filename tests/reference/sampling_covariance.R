# Pins metafor's vcalc() and rcalc() for kinds of dependence beyond the shared reference files.
# Run: Rscript tests/reference/sampling_covariance.R > tests/reference/sampling_covariance.json   (metafor 5.1-12, jsonlite)
suppressMessages({library(metafor); library(jsonlite)})
d <- data.frame(cl=c(1,1,1,1,2,2,2,3,3,3), obs=c(1,2,1,2,1,2,1,1,1,1), ty=c("a","a","b","b","a","a","b","a","a","b"),
                t=c(0,0,0,0,0,2,2,1,3,3.5), g1=c(2,3,2,3,2,3,2,2,2,1), g2=c(1,1,1,1,1,1,1,1,1,2),
                w1=c(20,30,20,30,15,15,10,40,40,38), w2=c(25,25,25,25,30,30,30,38,38,40), sg=c(1,1,2,2,1,1,1,1,1,1),
                vi=c(.1,.2,.15,.12,.05,.08,.07,.3,.25,.22))
v <- function(V) unclass(as.matrix(V))
R <- matrix(c(1,.4,.6,.3, .4,1,-.2,.5, .6,-.2,1,.1, .3,.5,.1,1), 4)
out <- list(data=as.list(d), V=list(
   construct_observation = v(vcalc(vi, cluster=cl, type=ty, obs=obs, rho=c(.6,.4), data=d, checkpd=FALSE)),
   construct             = v(vcalc(vi, cluster=cl, type=ty, rho=.5, data=d, checkpd=FALSE)),
   observation_time      = v(vcalc(vi, cluster=cl, obs=obs, time1=t, rho=.5, phi=.9, data=d, checkpd=FALSE)),
   arms                  = v(vcalc(vi, cluster=cl, grp1=g1, grp2=g2, data=d, checkpd=FALSE)),
   arms_sizes            = v(vcalc(vi, cluster=cl, grp1=g1, grp2=g2, w1=w1, w2=w2, data=d, checkpd=FALSE)),
   arms_construct        = v(vcalc(vi, cluster=cl, type=ty, grp1=g1, grp2=g2, w1=w1, w2=w2, rho=.5, data=d, checkpd=FALSE)),
   subgroup_construct    = v(vcalc(vi, cluster=cl, subgroup=sg, type=ty, rho=.5, data=d, checkpd=FALSE)),
   arms_time_observation = v(vcalc(vi, cluster=cl, obs=obs, grp1=g1, grp2=g2, time1=t, time2=t, rho=.6, phi=.9, w1=w1, w2=w2, data=d, checkpd=FALSE)),
   within_people         = v(vcalc(c(.1,.2,.15), cluster=c(1,1,1), grp1=c(1,1,1), grp2=c(1,1,1), time1=c(2,3,5), time2=c(1,1,1), phi=.8, checkpd=FALSE))),
   r=R, rcalc=unclass(rcalc(R, ni=50)$V), rcalc_z=unclass(rcalc(R, ni=50, rtoz=TRUE)$V))
cat(toJSON(out, digits=I(17), auto_unbox=TRUE))
