"""Draws of every named input, shared by all scenarios: what differs between two of them is then no noise.

Pipeline: dossier → integrity → effects → synthesis → certainty → [outlook] → verdicts → report
"""

import hashlib
from collections.abc import Iterable, Mapping

import numpy as np

from evenhand.distributions import Distribution, Floats, GridDistribution
from evenhand.dossier.records import Dossier, Parameter, Scenario


def stream(seed: int, name: str) -> np.random.Generator:
    """A generator of its own for each named quantity: adding an input never moves another's draws."""
    digest = hashlib.sha256(f"{seed}:{name}".encode()).digest()
    return np.random.default_rng(int.from_bytes(digest[:16], "big"))


_TABLE = 129  # places at which a quantile function is computed; between them it is read off, on the normal scale


class Inputs:
    """Parameters and scenario values as arrays of joint draws.

    Every quantity is drawn by strata: one draw from each of as many equal slices of its distribution as there are
    draws, in an order of its own (McKay, Beckman & Conover 1979, Technometrics 21, 239-245). Its own limits are then
    free of chance, and those of a result of several inputs much nearer than independent draws would bring them.

    Parameters
    ----------
    parameters : mapping of name to Parameter
    draws : int
        Length of every array.
    seed : int
        From the dossier's content.
    """

    def __init__(self, parameters: Mapping[str, Parameter], draws: int, seed: int) -> None:
        self.parameters = parameters
        self.draws = draws
        self.seed = seed
        self._drawn: dict[str, Floats] = {}

    @classmethod
    def of(cls, dossier: Dossier, draws: int, seed: int) -> "Inputs":
        """The inputs of a dossier."""
        return cls(dossier.parameters, draws, seed)

    def draw(self, name: str, distribution: Distribution) -> Floats:
        """Draws of any uncertain quantity, always the same for the same name."""
        if name not in self._drawn:
            self._drawn[name] = quantiles(distribution, self.scores(name))
        return self._drawn[name]

    def scores(self, name: str) -> Floats:
        """A standard normal's draws under a name; what two quantities share goes through them."""
        from scipy.special import ndtri

        slices = stream(self.seed, name).permutation(self.draws)
        normal: Floats = ndtri((slices + 0.5) / self.draws)
        return normal

    def draw_with(self, name: str, distribution: Distribution, other: str, correlation: float) -> Floats:
        """Draws of a quantity that goes along with the one drawn as `other`: their normal scores correlate."""
        if correlation == 0.0:
            return self.draw(name, distribution)
        own = np.sqrt(1.0 - correlation**2) * self.scores(name)
        return quantiles(distribution, correlation * self.scores(other) + own)

    def parameter(self, name: str) -> Floats:
        """Draws of a named input."""
        return self.draw(f"parameter:{name}", self.parameters[name].distribution)

    def variables(self, names: Iterable[str], *overrides: Mapping[str, float | str]) -> dict[str, Floats | float]:
        """Values for a formula's names: the last override that has the name, else the parameter of that name.

        `sessions` is `sessions_per_week * weeks` where nothing gives it; the other regimen names have no default.
        """
        given = self.given(overrides)
        return {name: self._resolve(given.get(name, name)) for name in names}

    @staticmethod
    def given(overrides: Iterable[Mapping[str, float | str]]) -> dict[str, float | str]:
        """Overrides merged, later ones winning, with `sessions` worked out."""
        merged: dict[str, float | str] = {}
        for override in overrides:
            merged |= override
        per_week, weeks = merged.get("sessions_per_week"), merged.get("weeks")
        if "sessions" not in merged and isinstance(per_week, (int, float)) and isinstance(weeks, (int, float)):
            merged["sessions"] = per_week * weeks
        return merged

    def used(self, names: Iterable[str], *overrides: Mapping[str, float | str]) -> tuple[Parameter, ...]:
        """The named inputs behind a formula's names, in their own order."""
        given = self.given(overrides)
        chosen = {given.get(name, name) for name in names}
        return tuple(parameter for name, parameter in self.parameters.items() if name in chosen)

    def lacks(self, names: Iterable[str], *overrides: Mapping[str, float | str]) -> tuple[str, ...]:
        """The names for which neither an override nor a parameter has a value."""
        given = self.given(overrides)
        return tuple(name for name in names if name not in given and name not in self.parameters)

    def _resolve(self, value: float | str) -> Floats | float:
        return self.parameter(value) if isinstance(value, str) else float(value)


def quantiles(distribution: Distribution, scores: Floats) -> Floats:
    """Values of a distribution at the probabilities of standard normal scores; shape of `scores`."""
    from scipy.special import ndtr

    table = np.linspace(scores.min(), scores.max(), _TABLE)
    if isinstance(distribution, GridDistribution):
        values = distribution.quantiles(ndtr(table))  # all at once: one by one they took most of an assessment's time
    else:
        values = np.array([distribution.quantile(float(p)) for p in ndtr(table)])
    drawn: Floats = np.interp(scores, table, values)
    return drawn


def comparator_scenario(dossier: Dossier, comparator: str) -> Scenario | None:
    """The scenario of what a treatment is compared with, against which differences are taken."""
    return next((item for item in dossier.scenarios if item.treatment == comparator), None)
