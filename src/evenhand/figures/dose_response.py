"""Dose–response plot: what a model says at each dose, over what studies saw.

Pipeline: dossier → integrity → effects → synthesis → certainty → outlook → verdicts → [figures] → report
"""

from collections.abc import Sequence

from evenhand.figures.fitted_curves import FittedCurve, MarkedPlace, SeenPoints, curves_picture
from evenhand.figures.plot_arrays import own_words
from evenhand.figures.plot_panel import HEIGHT, WIDTH
from evenhand.figures.svg import Svg
from evenhand.words.catalogue import Catalogue


def dose_response_plot(
    curves: Sequence[FittedCurve],
    points: Sequence[SeenPoints] = (),
    *,
    ed50: float | None = None,
    measure: str | None = None,
    effect_label: str | None = None,
    x_label: str | None = None,
    title: str | None = None,
    language: str = "en",
    key: str = "dose",
    width: float = WIDTH,
    height: float = HEIGHT,
) -> Svg:
    """Effects against no dose, over the dose; one curve an agent or a model.

    Parameters
    ----------
    curves : sequence of FittedCurve
        `x` is the dose, in the unit that `x_label` says.
    points : sequence of SeenPoints
        The effects that studies report, with their intervals.
    ed50 : float or None
        The dose with half of the largest effect, marked.
    measure, effect_label, title, key, width, height
        As in `bubble_plot`.

    Raises
    ------
    ValueError
        For nothing to draw, or columns of unequal lengths.

    References
    ----------
    Crippa & Orsini (2016). J. Stat. Softw. 72, Code Snippet 1.
    """
    catalogue = Catalogue.load(language)
    return curves_picture(
        curves,
        points,
        [] if ed50 is None else [MarkedPlace(x=ed50, name=catalogue.text("figures.curves.ed50"))],
        x_name=own_words(x_label, catalogue.text("figures.curves.dose")),
        title=title or catalogue.text("figures.curves.dose_title"),
        measure=measure,
        effect_label=effect_label,
        catalogue=catalogue,
        key=key,
        width=width,
        height=height,
    )
