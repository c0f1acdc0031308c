"""The common currency: every uncertain number, whatever made it."""

from evenhand.distributions.beta import Beta
from evenhand.distributions.empirical import Empirical
from evenhand.distributions.estimates import from_estimate
from evenhand.distributions.gamma import Gamma
from evenhand.distributions.grid import GridDistribution
from evenhand.distributions.log_normal import LogNormal
from evenhand.distributions.logit_beta import LogitBeta
from evenhand.distributions.normal import Normal
from evenhand.distributions.normal_mixture import NormalMixture
from evenhand.distributions.panels import Panels, integrate_density
from evenhand.distributions.pert import Pert
from evenhand.distributions.point import Point
from evenhand.distributions.protocol import Distribution, Floats
from evenhand.distributions.split_normal import SplitNormal
from evenhand.distributions.transformed import Transformed
from evenhand.distributions.uniform import Uniform

__all__ = [
    "Beta",
    "Distribution",
    "Empirical",
    "Floats",
    "Gamma",
    "GridDistribution",
    "LogNormal",
    "LogitBeta",
    "Normal",
    "NormalMixture",
    "Panels",
    "Pert",
    "Point",
    "SplitNormal",
    "Transformed",
    "Uniform",
    "from_estimate",
    "integrate_density",
]
