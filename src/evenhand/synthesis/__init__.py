"""Contrasts or counts to one effect: a full posterior, and the classical estimates beside it.

Pipeline: dossier → integrity → effects → [synthesis] → certainty → outlook → verdicts → report

| module | what it is for |
|---|---|
| `pool` | one outcome's contrasts to a `Pooled`; chooses among the posteriors |
| `pairwise` | `meta_analysis`: the table that reviewers expect |
| `linear_fit` | `fit_linear`: one between-study variance and any design matrix; pooling and regression stand on it |
| `heterogeneity` | `heterogeneity_of` a fit: tau², tau, I², H² with intervals of every kind |
| `prediction` | where a new study's effect is to be expected, and chances beyond a threshold |
| `residuals` | each study's standardised residual and best linear prediction |
| `henmi_copas`, `ivhet` | equal-effects weights with an error that keeps the heterogeneity |
| `p_values` | Fisher's and Stouffer's combination, where there are no effects |
| `many_fits` | `many_fits`: thousands of models at once, each to its own studies |
| `batch` | `meta_analyses`: a meta-analysis for each group of a long table |
| `normal_kernel` | weighted least squares given tau2, on which every normal model stands |
| `tau2/` | estimators of the between-study variance, and the intervals about it |
| `posterior/` | exact posteriors of a mean or a regression, their priors by name, Bayes factors |
| `regression/` | formulas, `meta_regression`, subgroups, permutation tests, comparison of models, location and scale |
| `dependent/` | several levels, outcomes or times in one model; robust standard errors |
| `counts/` | Mantel–Haenszel, Peto, mixed models of counts: no half added to an empty cell |
| `reporting_bias/` | tests of asymmetry, corrections and worst cases for what was never published |
| `network/` | many treatments: `fit_network`, `network_posterior`, `node_splits`, `fit_components`, ranks, leagues |
| | is it coherent: `side_splitting`, `design_decomposition`, `net_heat`, `leave_out_studies`, `contributions` |
| | counts too sparse for normal effects: `mantel_haenszel_network` |
| `sensitivity/` | leave-one-out, cumulative, influence, Baujat and GOSH; the multiverse of defensible choices |
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from evenhand.synthesis.batch import MetaAnalyses, meta_analyses
    from evenhand.synthesis.counts.common_and_random import CommonAndRandom, binary_meta_analysis
    from evenhand.synthesis.counts.common_effect import ChiSquareTest, CommonEffect
    from evenhand.synthesis.counts.generalised_linear import mixed_model, mixed_model_of_one_arm
    from evenhand.synthesis.counts.mantel_haenszel_rates import mantel_haenszel_rates
    from evenhand.synthesis.counts.mantel_haenszel_tables import mantel_haenszel
    from evenhand.synthesis.counts.mixed_fit import MixedFit
    from evenhand.synthesis.counts.one_arm_proportions import PooledProportion, proportion_meta_analysis
    from evenhand.synthesis.counts.peto_method import peto
    from evenhand.synthesis.dependent.left_out_clusters import ClusterInfluence, cluster_influence
    from evenhand.synthesis.dependent.multilevel_model import MultilevelFit, multilevel
    from evenhand.synthesis.dependent.profile_intervals import ProfileInterval, profile_interval
    from evenhand.synthesis.dependent.random_effect_estimates import (
        MultilevelPrediction,
        RandomEffectEstimates,
        predict_multilevel,
        predicted_random_effects,
    )
    from evenhand.synthesis.dependent.random_effects import (
        Correlated,
        RandomIntercepts,
        RandomSlopes,
        RelatedIntercepts,
    )
    from evenhand.synthesis.dependent.robust_variance import RobustFit, RobustWald, robust, robust_wald
    from evenhand.synthesis.henmi_copas import HenmiCopas, henmi_copas_estimate
    from evenhand.synthesis.heterogeneity import INTERVALS, Heterogeneity, heterogeneity_of, inconsistency_of_q
    from evenhand.synthesis.ivhet import inverse_variance_heterogeneity
    from evenhand.synthesis.linear_fit import LinearFit, fit_linear
    from evenhand.synthesis.many_fits import ManyFits
    from evenhand.synthesis.network.comparison_funnel import ComparisonFunnel, comparison_funnel
    from evenhand.synthesis.network.component_network import ComponentFit, fit_components
    from evenhand.synthesis.network.contributions import Contributions, contributions
    from evenhand.synthesis.network.design_decomposition import DesignDecomposition, design_decomposition
    from evenhand.synthesis.network.disconnected import JoiningComparison, joining_comparisons
    from evenhand.synthesis.network.evidence import (
        NetworkEvidence,
        NetworkStudy,
        network_from_arms,
        network_from_contrasts,
    )
    from evenhand.synthesis.network.league import League, LeagueTable, league_table
    from evenhand.synthesis.network.leave_out_studies import LeftOutStudies, leave_out_studies
    from evenhand.synthesis.network.loops import LoopInconsistency, loop_inconsistency
    from evenhand.synthesis.network.mantel_haenszel_network import MantelHaenszelNetwork, mantel_haenszel_network
    from evenhand.synthesis.network.net_heat import NetHeat, net_heat
    from evenhand.synthesis.network.network_fit import NetworkContrast, NetworkFit, fit_network
    from evenhand.synthesis.network.network_posterior import NetworkPosterior, network_posterior
    from evenhand.synthesis.network.node_splitting import NodeSplit, NodeSplits, node_splits
    from evenhand.synthesis.network.p_scores import p_scores
    from evenhand.synthesis.network.path_measures import PathMeasures, path_measures
    from evenhand.synthesis.network.q_decomposition import QDecomposition, q_decomposition
    from evenhand.synthesis.network.ranks import Ranks, hierarchy_precision
    from evenhand.synthesis.network.side_splitting import SideSplitting, side_splitting
    from evenhand.synthesis.network.unrelated_effects import UnrelatedEffects, unrelated_effects
    from evenhand.synthesis.p_values import combined_p_value
    from evenhand.synthesis.pairwise import TESTS, meta_analysis, pooled_fit
    from evenhand.synthesis.pooled import Classical, Pooled, Posterior
    from evenhand.synthesis.posterior.bayes_factors import bayes_factors, posterior_weights
    from evenhand.synthesis.posterior.exact_posterior import exact_posterior
    from evenhand.synthesis.posterior.hypergeometric_posterior import hypergeometric_posterior
    from evenhand.synthesis.posterior.prior_names import mu_prior, tau_prior
    from evenhand.synthesis.posterior.proportion_posterior import proportion_posterior
    from evenhand.synthesis.posterior.rate_posterior import rate_posterior, rate_ratio_posterior
    from evenhand.synthesis.posterior.regression_posterior import RegressionPosterior, regression_posterior
    from evenhand.synthesis.posterior.shortest_interval import shortest_interval
    from evenhand.synthesis.posterior.two_variance_posterior import TwoVariancePosterior, two_variance_posterior
    from evenhand.synthesis.prediction import PREDICTIONS, Prediction, important_shares, prediction_interval
    from evenhand.synthesis.regression.design_matrix import DesignMatrix, design_matrix
    from evenhand.synthesis.regression.imputation import pool_imputations
    from evenhand.synthesis.regression.linear_contrasts import JointTest, LinearContrasts, joint_test
    from evenhand.synthesis.regression.location_scale import LocationScale, fit_location_scale
    from evenhand.synthesis.regression.mixed_effects import MetaRegression, meta_regression
    from evenhand.synthesis.regression.model_comparison import all_subsets, likelihood_ratio_test
    from evenhand.synthesis.regression.model_formula import parse_model_formula
    from evenhand.synthesis.regression.permutation import permutation_test
    from evenhand.synthesis.regression.subgroups import SubgroupAnalysis, subgroup_analysis
    from evenhand.synthesis.reporting_bias.adequate_power import waap_wls
    from evenhand.synthesis.reporting_bias.asymmetry import asymmetry_test
    from evenhand.synthesis.reporting_bias.begg import begg_test
    from evenhand.synthesis.reporting_bias.copas import copas_fit, copas_sensitivity
    from evenhand.synthesis.reporting_bias.deeks import deeks_test
    from evenhand.synthesis.reporting_bias.excess_significance import excess_significance_test
    from evenhand.synthesis.reporting_bias.fail_safe import (
        general_fail_safe_n,
        orwin_fail_safe_n,
        rosenberg_fail_safe_n,
        rosenthal_fail_safe_n,
    )
    from evenhand.synthesis.reporting_bias.harbord import harbord_test
    from evenhand.synthesis.reporting_bias.lfk import lfk_index
    from evenhand.synthesis.reporting_bias.limit_model import limit_meta_analysis
    from evenhand.synthesis.reporting_bias.p_curve import p_curve_analysis
    from evenhand.synthesis.reporting_bias.p_uniform import p_uniform_analysis
    from evenhand.synthesis.reporting_bias.peters import macaskill_test, peters_test
    from evenhand.synthesis.reporting_bias.precision_effect import peese, pet, pet_peese
    from evenhand.synthesis.reporting_bias.pustejovsky import pustejovsky_test
    from evenhand.synthesis.reporting_bias.schwarzer import schwarzer_test
    from evenhand.synthesis.reporting_bias.selection_model import SELECTION_MODELS, selection_model
    from evenhand.synthesis.reporting_bias.selection_weights import WEIGHT_FUNCTIONS
    from evenhand.synthesis.reporting_bias.thompson import thompson_test
    from evenhand.synthesis.reporting_bias.trim_fill import trim_and_fill
    from evenhand.synthesis.reporting_bias.worst_case import corrected_for_selection, s_value
    from evenhand.synthesis.residuals import best_predictions, standardised_residuals
    from evenhand.synthesis.sensitivity.baujat import baujat
    from evenhand.synthesis.sensitivity.cumulative import Cumulative, cumulative
    from evenhand.synthesis.sensitivity.gosh import gosh
    from evenhand.synthesis.sensitivity.influence import influence
    from evenhand.synthesis.sensitivity.leave_one_out import leave_one_out
    from evenhand.synthesis.sensitivity.multiverse import (
        multiverse_of_counts,
        multiverse_of_effects,
        multiverse_of_means,
    )
    from evenhand.synthesis.sensitivity.specification import Multiverse
    from evenhand.synthesis.tau2.estimator import Estimator
    from evenhand.synthesis.tau2.estimators import ESTIMATORS

# Imported when first asked for, as a record needs no quadrature. The functions named like their modules (`pool`) are
# left to these: one name cannot be both.
_HOME = {
    "MetaAnalyses": "batch",
    "CommonAndRandom": "counts.common_and_random",
    "binary_meta_analysis": "counts.common_and_random",
    "ChiSquareTest": "counts.common_effect",
    "CommonEffect": "counts.common_effect",
    "mixed_model": "counts.generalised_linear",
    "mixed_model_of_one_arm": "counts.generalised_linear",
    "mantel_haenszel_rates": "counts.mantel_haenszel_rates",
    "mantel_haenszel": "counts.mantel_haenszel_tables",
    "MixedFit": "counts.mixed_fit",
    "PooledProportion": "counts.one_arm_proportions",
    "proportion_meta_analysis": "counts.one_arm_proportions",
    "peto": "counts.peto_method",
    "meta_analyses": "batch",
    "ManyFits": "many_fits",
    "baujat": "sensitivity.baujat",
    "Cumulative": "sensitivity.cumulative",
    "cumulative": "sensitivity.cumulative",
    "gosh": "sensitivity.gosh",
    "influence": "sensitivity.influence",
    "leave_one_out": "sensitivity.leave_one_out",
    "Multiverse": "sensitivity.specification",
    "multiverse_of_counts": "sensitivity.multiverse",
    "multiverse_of_effects": "sensitivity.multiverse",
    "multiverse_of_means": "sensitivity.multiverse",
    "SELECTION_MODELS": "reporting_bias.selection_model",
    "WEIGHT_FUNCTIONS": "reporting_bias.selection_weights",
    "selection_model": "reporting_bias.selection_model",
    "ClusterInfluence": "dependent.left_out_clusters",
    "cluster_influence": "dependent.left_out_clusters",
    "MultilevelFit": "dependent.multilevel_model",
    "multilevel": "dependent.multilevel_model",
    "ProfileInterval": "dependent.profile_intervals",
    "profile_interval": "dependent.profile_intervals",
    "MultilevelPrediction": "dependent.random_effect_estimates",
    "RandomEffectEstimates": "dependent.random_effect_estimates",
    "predict_multilevel": "dependent.random_effect_estimates",
    "predicted_random_effects": "dependent.random_effect_estimates",
    "Correlated": "dependent.random_effects",
    "RandomIntercepts": "dependent.random_effects",
    "RandomSlopes": "dependent.random_effects",
    "RelatedIntercepts": "dependent.random_effects",
    "RobustFit": "dependent.robust_variance",
    "RobustWald": "dependent.robust_variance",
    "robust": "dependent.robust_variance",
    "robust_wald": "dependent.robust_variance",
    "HenmiCopas": "henmi_copas",
    "henmi_copas_estimate": "henmi_copas",
    "Heterogeneity": "heterogeneity",
    "INTERVALS": "heterogeneity",
    "heterogeneity_of": "heterogeneity",
    "inconsistency_of_q": "heterogeneity",
    "inverse_variance_heterogeneity": "ivhet",
    "LinearFit": "linear_fit",
    "fit_linear": "linear_fit",
    "ComponentFit": "network.component_network",
    "fit_components": "network.component_network",
    "ComparisonFunnel": "network.comparison_funnel",
    "comparison_funnel": "network.comparison_funnel",
    "Contributions": "network.contributions",
    "contributions": "network.contributions",
    "DesignDecomposition": "network.design_decomposition",
    "design_decomposition": "network.design_decomposition",
    "JoiningComparison": "network.disconnected",
    "joining_comparisons": "network.disconnected",
    "LeftOutStudies": "network.leave_out_studies",
    "leave_out_studies": "network.leave_out_studies",
    "LoopInconsistency": "network.loops",
    "loop_inconsistency": "network.loops",
    "NetHeat": "network.net_heat",
    "net_heat": "network.net_heat",
    "PathMeasures": "network.path_measures",
    "path_measures": "network.path_measures",
    "SideSplitting": "network.side_splitting",
    "side_splitting": "network.side_splitting",
    "MantelHaenszelNetwork": "network.mantel_haenszel_network",
    "mantel_haenszel_network": "network.mantel_haenszel_network",
    "UnrelatedEffects": "network.unrelated_effects",
    "unrelated_effects": "network.unrelated_effects",
    "NetworkEvidence": "network.evidence",
    "NetworkStudy": "network.evidence",
    "network_from_arms": "network.evidence",
    "network_from_contrasts": "network.evidence",
    "League": "network.league",
    "LeagueTable": "network.league",
    "league_table": "network.league",
    "NetworkContrast": "network.network_fit",
    "NetworkFit": "network.network_fit",
    "fit_network": "network.network_fit",
    "NetworkPosterior": "network.network_posterior",
    "network_posterior": "network.network_posterior",
    "NodeSplit": "network.node_splitting",
    "NodeSplits": "network.node_splitting",
    "node_splits": "network.node_splitting",
    "p_scores": "network.p_scores",
    "Ranks": "network.ranks",
    "hierarchy_precision": "network.ranks",
    "QDecomposition": "network.q_decomposition",
    "q_decomposition": "network.q_decomposition",
    "combined_p_value": "p_values",
    "pooled_fit": "pairwise",
    "PREDICTIONS": "prediction",
    "Prediction": "prediction",
    "important_shares": "prediction",
    "prediction_interval": "prediction",
    "best_predictions": "residuals",
    "standardised_residuals": "residuals",
    "asymmetry_test": "reporting_bias.asymmetry",
    "begg_test": "reporting_bias.begg",
    "schwarzer_test": "reporting_bias.schwarzer",
    "harbord_test": "reporting_bias.harbord",
    "peters_test": "reporting_bias.peters",
    "macaskill_test": "reporting_bias.peters",
    "deeks_test": "reporting_bias.deeks",
    "pustejovsky_test": "reporting_bias.pustejovsky",
    "thompson_test": "reporting_bias.thompson",
    "lfk_index": "reporting_bias.lfk",
    "trim_and_fill": "reporting_bias.trim_fill",
    "pet": "reporting_bias.precision_effect",
    "peese": "reporting_bias.precision_effect",
    "pet_peese": "reporting_bias.precision_effect",
    "waap_wls": "reporting_bias.adequate_power",
    "limit_meta_analysis": "reporting_bias.limit_model",
    "copas_fit": "reporting_bias.copas",
    "copas_sensitivity": "reporting_bias.copas",
    "s_value": "reporting_bias.worst_case",
    "corrected_for_selection": "reporting_bias.worst_case",
    "p_uniform_analysis": "reporting_bias.p_uniform",
    "p_curve_analysis": "reporting_bias.p_curve",
    "excess_significance_test": "reporting_bias.excess_significance",
    "rosenthal_fail_safe_n": "reporting_bias.fail_safe",
    "orwin_fail_safe_n": "reporting_bias.fail_safe",
    "rosenberg_fail_safe_n": "reporting_bias.fail_safe",
    "general_fail_safe_n": "reporting_bias.fail_safe",
    "DesignMatrix": "regression.design_matrix",
    "design_matrix": "regression.design_matrix",
    "pool_imputations": "regression.imputation",
    "JointTest": "regression.linear_contrasts",
    "LinearContrasts": "regression.linear_contrasts",
    "joint_test": "regression.linear_contrasts",
    "LocationScale": "regression.location_scale",
    "fit_location_scale": "regression.location_scale",
    "MetaRegression": "regression.mixed_effects",
    "meta_regression": "regression.mixed_effects",
    "all_subsets": "regression.model_comparison",
    "likelihood_ratio_test": "regression.model_comparison",
    "parse_model_formula": "regression.model_formula",
    "permutation_test": "regression.permutation",
    "SubgroupAnalysis": "regression.subgroups",
    "subgroup_analysis": "regression.subgroups",
    "bayes_factors": "posterior.bayes_factors",
    "posterior_weights": "posterior.bayes_factors",
    "exact_posterior": "posterior.exact_posterior",
    "hypergeometric_posterior": "posterior.hypergeometric_posterior",
    "proportion_posterior": "posterior.proportion_posterior",
    "rate_posterior": "posterior.rate_posterior",
    "rate_ratio_posterior": "posterior.rate_posterior",
    "mu_prior": "posterior.prior_names",
    "tau_prior": "posterior.prior_names",
    "RegressionPosterior": "posterior.regression_posterior",
    "regression_posterior": "posterior.regression_posterior",
    "shortest_interval": "posterior.shortest_interval",
    "TwoVariancePosterior": "posterior.two_variance_posterior",
    "two_variance_posterior": "posterior.two_variance_posterior",
    "ESTIMATORS": "tau2.estimators",
    "TESTS": "pairwise",
    "meta_analysis": "pairwise",
    "Estimator": "tau2.estimator",
    "Classical": "pooled",
    "Pooled": "pooled",
    "Posterior": "pooled",
}

__all__ = [
    "ESTIMATORS",
    "INTERVALS",
    "PREDICTIONS",
    "SELECTION_MODELS",
    "TESTS",
    "WEIGHT_FUNCTIONS",
    "ChiSquareTest",
    "Classical",
    "ClusterInfluence",
    "CommonAndRandom",
    "CommonEffect",
    "ComparisonFunnel",
    "ComponentFit",
    "Contributions",
    "Correlated",
    "Cumulative",
    "DesignDecomposition",
    "DesignMatrix",
    "Estimator",
    "HenmiCopas",
    "Heterogeneity",
    "JoiningComparison",
    "JointTest",
    "League",
    "LeagueTable",
    "LeftOutStudies",
    "LinearContrasts",
    "LinearFit",
    "LocationScale",
    "LoopInconsistency",
    "MantelHaenszelNetwork",
    "ManyFits",
    "MetaAnalyses",
    "MetaRegression",
    "MixedFit",
    "MultilevelFit",
    "MultilevelPrediction",
    "Multiverse",
    "NetHeat",
    "NetworkContrast",
    "NetworkEvidence",
    "NetworkFit",
    "NetworkPosterior",
    "NetworkStudy",
    "NodeSplit",
    "NodeSplits",
    "PathMeasures",
    "Pooled",
    "PooledProportion",
    "Posterior",
    "Prediction",
    "ProfileInterval",
    "QDecomposition",
    "RandomEffectEstimates",
    "RandomIntercepts",
    "RandomSlopes",
    "Ranks",
    "RegressionPosterior",
    "RelatedIntercepts",
    "RobustFit",
    "RobustWald",
    "SideSplitting",
    "SubgroupAnalysis",
    "TwoVariancePosterior",
    "UnrelatedEffects",
    "all_subsets",
    "asymmetry_test",
    "baujat",
    "bayes_factors",
    "begg_test",
    "best_predictions",
    "binary_meta_analysis",
    "cluster_influence",
    "combined_p_value",
    "comparison_funnel",
    "contributions",
    "copas_fit",
    "copas_sensitivity",
    "corrected_for_selection",
    "cumulative",
    "deeks_test",
    "design_decomposition",
    "design_matrix",
    "exact_posterior",
    "excess_significance_test",
    "fit_components",
    "fit_linear",
    "fit_location_scale",
    "fit_network",
    "general_fail_safe_n",
    "gosh",
    "harbord_test",
    "henmi_copas_estimate",
    "heterogeneity_of",
    "hierarchy_precision",
    "hypergeometric_posterior",
    "important_shares",
    "inconsistency_of_q",
    "influence",
    "inverse_variance_heterogeneity",
    "joining_comparisons",
    "joint_test",
    "league_table",
    "leave_one_out",
    "leave_out_studies",
    "lfk_index",
    "likelihood_ratio_test",
    "limit_meta_analysis",
    "loop_inconsistency",
    "macaskill_test",
    "mantel_haenszel",
    "mantel_haenszel_network",
    "mantel_haenszel_rates",
    "meta_analyses",
    "meta_analysis",
    "meta_regression",
    "mixed_model",
    "mixed_model_of_one_arm",
    "mu_prior",
    "multilevel",
    "multiverse_of_counts",
    "multiverse_of_effects",
    "multiverse_of_means",
    "net_heat",
    "network_from_arms",
    "network_from_contrasts",
    "network_posterior",
    "node_splits",
    "orwin_fail_safe_n",
    "p_curve_analysis",
    "p_scores",
    "p_uniform_analysis",
    "parse_model_formula",
    "path_measures",
    "peese",
    "permutation_test",
    "pet",
    "pet_peese",
    "peters_test",
    "peto",
    "pool_imputations",
    "pooled_fit",
    "posterior_weights",
    "predict_multilevel",
    "predicted_random_effects",
    "prediction_interval",
    "profile_interval",
    "proportion_meta_analysis",
    "proportion_posterior",
    "pustejovsky_test",
    "q_decomposition",
    "rate_posterior",
    "rate_ratio_posterior",
    "regression_posterior",
    "robust",
    "robust_wald",
    "rosenberg_fail_safe_n",
    "rosenthal_fail_safe_n",
    "s_value",
    "schwarzer_test",
    "selection_model",
    "shortest_interval",
    "side_splitting",
    "standardised_residuals",
    "subgroup_analysis",
    "tau_prior",
    "thompson_test",
    "trim_and_fill",
    "two_variance_posterior",
    "unrelated_effects",
    "waap_wls",
]


def __getattr__(name: str) -> Any:
    if name in _HOME:
        return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
    raise AttributeError(f"module '{__name__}' has no attribute '{name}'")


def __dir__() -> list[str]:
    return sorted(__all__)
