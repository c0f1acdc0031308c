"""Rubin (1981), J. Educ. Stat. 6, 377-401: coaching in eight schools, as analysed in section 5.5 of a textbook.

The textbook is Gelman, Carlin, Stern & Rubin (2004), Bayesian Data Analysis, 2nd ed.; its table rounds the data, the
figures in its text do not.
"""

import numpy as np

from evenhand.synthesis.pairwise import meta_analysis
from evenhand.synthesis.posterior.exact_posterior import exact_posterior
from evenhand.synthesis.posterior.priors import Flat, UniformPrior
from tests.printed import printed

YI = [28.39, 7.94, -2.75, 6.82, -0.64, 0.63, 18.01, 12.16]
VI = np.square([14.9, 10.2, 16.3, 11.0, 9.4, 11.4, 10.4, 17.6])


def test_complete_pooling():
    fit = meta_analysis(YI, VI, method="EE", test="z")
    assert fit.estimate == printed("7.9")
    assert fit.se**2 == printed("17.4")


def test_the_likeliest_between_school_sd_is_0():
    tau = exact_posterior(YI, VI, prior_mu=Flat(), prior_tau=UniformPrior(0, 1000)).tau
    density = np.diff([tau.cdf(x) for x in np.linspace(0, 30, 31)])
    assert (np.diff(density) < 0).all()
