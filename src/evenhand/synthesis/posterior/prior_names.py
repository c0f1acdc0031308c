"""Priors of the between-study sd and of the mean by name, as a report prints them and a user writes them.

Pipeline: dossier → integrity → effects → [synthesis] → certainty → outlook → verdicts → report
"""

import re
from collections.abc import Callable, Mapping

from evenhand.dossier.nearest import mend_of_word
from evenhand.synthesis.posterior.priors import (
    DuMouchel,
    Exponential,
    Flat,
    HalfNormal,
    HalfT,
    ImproperUniform,
    Jeffreys,
    LogNormalPrior,
    LogTPrior,
    MuPrior,
    NormalPrior,
    TauPrior,
    UniformPrior,
    half_cauchy,
)
from evenhand.synthesis.posterior.priors_empirical import rhodes, turner

# Name → how many numbers it takes, and what makes it of them.
_OF_TAU: Mapping[str, tuple[int, Callable[..., TauPrior]]] = {
    "half-normal": (1, HalfNormal),
    "half-cauchy": (1, half_cauchy),
    "half-t": (2, HalfT),
    "uniform": (2, UniformPrior),
    "exponential": (1, Exponential),
    "log-normal": (2, LogNormalPrior),
    "log-t": (3, LogTPrior),
    "improper uniform": (0, ImproperUniform),
    "jeffreys": (0, Jeffreys),
    "dumouchel": (0, DuMouchel),
}
_EMPIRICAL: Mapping[str, tuple[int, Callable[..., TauPrior]]] = {"turner": (2, turner), "rhodes": (3, rhodes)}
_OF_MU: Mapping[str, tuple[int, Callable[..., MuPrior]]] = {"flat": (0, Flat), "normal": (2, NormalPrior)}
_CALL = re.compile(r"\s*([A-Za-z][A-Za-z \-]*?)\s*(?:\((.*)\))?\s*", re.DOTALL)


def tau_prior(text: str | TauPrior) -> TauPrior:
    """The prior of tau that a text names; a prior itself comes back as it is.

    'half-normal(0.5)', 'half-Cauchy(0.5)', 'half-t(0.5, 4)', 'uniform(0, 4)', 'exponential(2)', 'log-normal(-1, 0.9)',
    'improper uniform', 'Jeffreys', 'DuMouchel', 'turner(semi-objective; pharmacological v placebo)',
    'rhodes(mental health; pharmacological v placebo; other)'.

    Raises
    ------
    ValueError
        Naming what cannot be read, and the names there are.
    """
    if not isinstance(text, str):
        return text
    name, inside = _split(text, [*_OF_TAU, *_EMPIRICAL])
    if name in _EMPIRICAL:
        most, make = _EMPIRICAL[name]
        # A semicolon parts them, as an outcome's own name may have commas.
        words = [word.strip() for word in inside.split(";" if ";" in inside else ",")] if inside.strip() else []
        if len(words) > most:
            raise ValueError(f"prior '{text}': {name} takes at most {most} words, parted by semicolons")
        return make(*words)
    count, of_numbers = _OF_TAU[name]
    return of_numbers(*_numbers(text, name, inside, count))


def mu_prior(text: str | MuPrior) -> MuPrior:
    """The prior of the mean that a text names, 'flat' or 'normal(0, 2.82)'; a prior itself comes back as it is.

    Raises
    ------
    ValueError
        Naming what cannot be read, and the names there are.
    """
    if not isinstance(text, str):
        return text
    name, inside = _split(text, list(_OF_MU))
    count, make = _OF_MU[name]
    return make(*_numbers(text, name, inside, count))


def normal_mu_prior(text: str | MuPrior) -> Flat | NormalPrior:
    """The same where the likelihood is normal, of which only these two give a closed form.

    Raises
    ------
    ValueError
        Where it is another.
    """
    prior = mu_prior(text)
    if not isinstance(prior, (Flat, NormalPrior)):
        raise ValueError(f"prior of the mean '{prior}': a normal likelihood takes flat or normal(m, s)")
    return prior


def _split(text: str, known: list[str]) -> tuple[str, str]:
    found = _CALL.fullmatch(text)
    name = found.group(1).lower() if found else text.strip().lower()
    if found is None or name not in known:
        raise ValueError(f"prior '{text}' is not known. Mend: {mend_of_word(name, known)}")
    return name, found.group(2) or ""


def _numbers(text: str, name: str, inside: str, count: int) -> list[float]:
    parts = [part for part in inside.split(",") if part.strip()]
    try:
        numbers = [float(part) for part in parts]
    except ValueError:
        raise ValueError(f"prior '{text}': write numbers between the brackets, as in {name}(0.5)") from None
    if len(numbers) != count:
        raise ValueError(f"prior '{text}': {name} takes {count} numbers, not {len(numbers)}")
    return numbers
