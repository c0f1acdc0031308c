"""A file's network as pictures: its graph, each effect, ranks, where effects come from and whether they agree.

Pipeline: dossier → integrity → effects → synthesis → workbench → figures → [report]
"""

import math
from collections import Counter
from collections.abc import Callable, Mapping

import numpy as np

from evenhand.distributions import Floats
from evenhand.figures.contribution_bars import contribution_plot
from evenhand.figures.net_heat import net_heat_plot
from evenhand.figures.network_forest import network_forest_plot
from evenhand.figures.network_graph import network_graph_plot
from evenhand.figures.network_league import LeagueTriangles, league_plot
from evenhand.figures.node_splits import node_split_plot
from evenhand.figures.rankogram import rankogram_plot
from evenhand.figures.svg import Svg
from evenhand.synthesis.network.contributions import contributions
from evenhand.synthesis.network.net_heat import net_heat
from evenhand.synthesis.network.network_fit import fit_network
from evenhand.synthesis.network.network_posterior import network_posterior
from evenhand.synthesis.network.node_splitting import node_splits
from evenhand.words.catalogue import Catalogue
from evenhand.workbench.network_answer import NetworkAnswer

_SEED, _DRAWS = 1, 20_000


def forest_of_network(answer: NetworkAnswer, language: str) -> Svg:
    """Every treatment against the reference, the best first, with the number of studies that compare the two."""
    catalogue = Catalogue.load(language)
    exact = answer.sucra is not None
    direct = Counter(
        t for study in answer.file.evidence.studies if answer.reference in study.treatments for t in study.treatments
    )
    return network_forest_plot(
        answer.treatments,
        answer.estimate,
        answer.ci_lower,
        answer.ci_upper,
        reference=answer.treatments[answer.reference],
        scores=answer.sucra if exact else answer.p_scores,
        score_label=catalogue.text("network.sucra" if exact else "network.score"),
        studies=[float(direct[t]) for t in range(len(answer.treatments))],
        level=answer.level,
        measure=_measure(answer),
        language=language,
    )


def graph_of_network(answer: NetworkAnswer, language: str) -> Svg:
    """Every treatment, and who was compared with whom; discs by people where the file gives one row an arm."""
    evidence = answer.file.evidence
    pairs = [
        (study.treatments[i], study.treatments[j])
        for study in evidence.studies
        for i in range(len(study.treatments))
        for j in range(i + 1, len(study.treatments))
    ]
    return network_graph_plot(
        answer.treatments,
        [answer.treatments[i] for i, _ in pairs],
        [answer.treatments[j] for _, j in pairs],
        people=_people(answer),
        language=language,
    )


def league_of_network(answer: NetworkAnswer, language: str) -> Svg:
    """Each treatment against each, the best first, from the network below and from direct comparisons above."""
    catalogue = Catalogue.load(language)
    below, above = answer.league, answer.direct_league
    return league_plot(
        answer.treatments,
        LeagueTriangles(
            below=(below.estimate, below.ci_lower, below.ci_upper),
            above=(above.estimate, above.ci_lower, above.ci_upper),
            below_name=catalogue.text("network.whole"),
            above_name=catalogue.text("network.direct_only"),
        ),
        order=[answer.treatments[t] for t in answer.ranking],
        measure=_measure(answer),
        language=language,
    )


def ranks_of_network(answer: NetworkAnswer, language: str) -> Svg:
    """How likely each rank is, by the exact posterior; treatments of other pieces are left out."""
    posterior = network_posterior(answer.file.evidence)
    # The same file gives the same picture: the draws have a seed of their own.
    ranks = posterior.ranks(small_values_good=answer.small_values_good, rng=np.random.default_rng(_SEED), draws=_DRAWS)
    there = np.flatnonzero(np.isfinite(ranks.sucra))
    return rankogram_plot(
        [answer.treatments[t] for t in there],
        ranks.probability[there, : there.size],
        sucra=ranks.sucra[there],
        language=language,
    )


def contributions_of_network(answer: NetworkAnswer, language: str) -> Svg:
    """From which direct comparisons each effect against the reference comes."""
    fit = fit_network(answer.file.evidence, tau2=answer.tau2)
    reference = answer.treatments[answer.reference]
    pairs = [
        (answer.treatments[t], reference)
        for t in answer.ranking
        if t != answer.reference and np.isfinite(answer.estimate[t])
    ]
    found = contributions(fit, comparisons=pairs)
    return contribution_plot(
        [treatment for treatment, _ in pairs],
        [" v ".join(comparison) for comparison in found.comparisons],
        found.share,
        language=language,
    )


def splits_of_network(answer: NetworkAnswer, language: str) -> Svg:
    """Direct against indirect evidence, wherever there is both, with the variance of the whole network.

    Raises
    ------
    ValueError
        Where no comparison has both.
    """
    splits = [one for one in node_splits(answer.file.evidence, tau2=answer.tau2).splits if one.reason is None]
    if not splits:
        raise ValueError("no comparison has direct and indirect evidence, so none can be split. Mend: draw another.")
    whole = [one.network for one in splits]
    direct = [one.direct for one in splits if one.direct is not None]
    indirect = [one.indirect for one in splits if one.indirect is not None]
    return node_split_plot(
        [f"{one.first} v {one.second}" for one in splits],
        [one.mean for one in direct],
        [one.sd for one in direct],
        [one.mean for one in indirect],
        [one.sd for one in indirect],
        network=[one.mean for one in whole],
        se_network=[one.sd for one in whole],
        p_value=[one.p_value for one in splits],
        measure=_measure(answer),
        language=language,
    )


def heat_of_network(answer: NetworkAnswer, language: str) -> Svg:
    """Which designs disagree with which, with inverse sampling variances.

    Raises
    ------
    ValueError
        Where no design says anything of another.
    """
    found = net_heat(answer.file.evidence)
    if not found.designs:
        raise ValueError("no comparison is made by two designs, so none can disagree. Mend: draw another figure.")
    return net_heat_plot([":".join(one) for one in found.designs], found.change, found.contribution, language=language)


NETWORK_PICTURES: Mapping[str, Callable[[NetworkAnswer, str], Svg]] = {
    "forest": forest_of_network,
    "graph": graph_of_network,
    "league": league_of_network,
    "ranks": ranks_of_network,
    "contributions": contributions_of_network,
    "splits": splits_of_network,
    "heat": heat_of_network,
}


def _measure(answer: NetworkAnswer) -> str | None:
    name = answer.file.measure.name
    return None if name == "GEN" else name


def _people(answer: NetworkAnswer) -> Floats | None:
    """Participants given each treatment, (T,); None where the file does not say."""
    columns = answer.file.columns
    if "n" not in columns:
        return None
    people = np.zeros(len(answer.treatments))
    place = {name: t for t, name in enumerate(answer.treatments)}
    for treatment, n in zip(columns["treatment"], columns["n"], strict=True):
        if treatment in place and not math.isnan(n):
            people[place[treatment]] += n
    return people
