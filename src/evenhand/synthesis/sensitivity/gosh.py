"""Graphical display of study heterogeneity: the model fitted to every subset of the studies, or to many of them.

Pipeline: dossier → integrity → effects → [synthesis] → certainty → outlook → verdicts → report
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from evenhand.distributions import Floats
from evenhand.synthesis.many_fits import Flags, many_fits
from evenhand.synthesis.normal_kernel import checked_studies

_AT_ONCE = 4096  # subsets unpacked at a time, so that memory grows with the results alone
_BITS = 8


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Gosh:
    """One entry a subset, shape (m,)."""

    method: str
    every: bool  # all subsets, or a random sample of them
    studies: int
    subsets: npt.NDArray[np.uint8]  # (m, ⌈studies / 8⌉): bit j of byte b is study 8 b + j
    k: npt.NDArray[np.intp]  # studies in the subset
    estimate: Floats
    tau2: Floats
    q: Floats
    i2: Floats  # percent
    h2: Floats

    def __len__(self) -> int:
        return self.k.size

    def includes(self, study: int) -> Flags:
        """Which subsets have the study, counted from 0; shape (m,)."""
        if not 0 <= study < self.studies:
            raise ValueError(f"study {study}: there are 0 to {self.studies - 1}")
        return np.asarray((self.subsets[:, study // _BITS] >> (study % _BITS)) & 1).astype(bool)


def gosh(
    yi: Sequence[float] | Floats,
    vi: Sequence[float] | Floats,
    *,
    method: str = "REML",
    most: int = 1_000_000,
    rng: np.random.Generator | None = None,
) -> Gosh:
    """Fit each subset of the studies (Olkin, Dahabreh & Trikalinos 2012, Res. Synth. Methods 3, 214-223).

    Parameters
    ----------
    yi, vi : array_like, shape (k,)
        Effects and their sampling variances (> 0).
    method : str
        A name in `ESTIMATORS`.
    most : int
        With more than this many of the 2ᵏ − 1 subsets, so many are drawn at random, each with the same chance, and one
        may come twice.
    rng : numpy.random.Generator, optional
        Needed where subsets are drawn.

    Returns
    -------
    Gosh
        Every subset has its figures; of one study tau2 is 0.

    Raises
    ------
    ValueError
        Naming the study and the value that cannot be pooled, a method there is not, or the want of an `rng`.
    """
    effects, variances = checked_studies(yi, vi)
    k = effects.size
    if most < 1:
        raise ValueError(f"most = {most}: at least one subset is wanted")
    every = k < 63 and 2**k - 1 <= most
    if not every and rng is None:
        raise ValueError(
            f"{k} studies have 2^{k} − 1 subsets, more than `most` = {most}: give an `rng` to draw from them"
        )
    names = ("k", "estimate", "tau2", "q", "i2", "h2")
    packed, parts = [], []
    for bits in _all_subsets(k) if rng is None or every else _drawn_subsets(k, most, rng):
        used = np.unpackbits(bits, axis=1, count=k, bitorder="little")
        fits = many_fits(effects, variances, used, method=method, test="z")
        packed.append(bits)
        parts.append([getattr(fits, name) for name in names])
    columns = dict(zip(names, (np.concatenate(column) for column in zip(*parts, strict=True)), strict=True))
    return Gosh(method=method, every=every, studies=k, subsets=np.concatenate(packed), **columns)


def _all_subsets(k: int) -> Iterator[npt.NDArray[np.uint8]]:
    """The numbers 1 to 2ᵏ − 1 as bytes, lowest first, in parts."""
    for start in range(1, 2**k, _AT_ONCE):
        numbers = np.arange(start, min(start + _AT_ONCE, 2**k), dtype="<u8")
        yield np.ascontiguousarray(numbers.view(np.uint8).reshape(-1, 8)[:, : -(-k // _BITS)])


def _drawn_subsets(k: int, most: int, rng: np.random.Generator) -> Iterator[npt.NDArray[np.uint8]]:
    """Random subsets, each study in with a chance of one half; the empty one is drawn again."""
    for start in range(0, most, _AT_ONCE):
        used = rng.integers(0, 2, size=(min(_AT_ONCE, most - start), k), dtype=np.uint8)
        empty = ~used.any(axis=1)
        while empty.any():
            used[empty] = rng.integers(0, 2, size=(int(empty.sum()), k), dtype=np.uint8)
            empty = ~used.any(axis=1)
        yield np.packbits(used, axis=1, bitorder="little")
