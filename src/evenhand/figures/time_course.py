"""Time-course plot: how fast an effect comes and, once treatment has stopped, goes.

Pipeline: dossier → integrity → effects → synthesis → certainty → outlook → verdicts → [figures] → report
"""

from collections.abc import Sequence

from evenhand.figures.fitted_curves import FittedCurve, MarkedPlace, SeenPoints, curves_picture
from evenhand.figures.plot_arrays import own_words
from evenhand.figures.plot_panel import HEIGHT, WIDTH
from evenhand.figures.svg import Svg
from evenhand.words.catalogue import Catalogue


def time_course_plot(
    curves: Sequence[FittedCurve],
    points: Sequence[SeenPoints] = (),
    *,
    stopped_at: float | None = None,
    measure: str | None = None,
    effect_label: str | None = None,
    x_label: str | None = None,
    title: str | None = None,
    language: str = "en",
    key: str = "time",
    width: float = WIDTH,
    height: float = HEIGHT,
) -> Svg:
    """Effects over time; one curve a treatment.

    Parameters
    ----------
    curves : sequence of FittedCurve
        `x` is the time since the start, in weeks unless `x_label` says otherwise.
    points : sequence of SeenPoints
        What studies saw at each visit.
    stopped_at : float or None
        When treatment stopped, marked.
    measure, effect_label, title, key, width, height
        As in `bubble_plot`.

    Raises
    ------
    ValueError
        For nothing to draw, or columns of unequal lengths.
    """
    catalogue = Catalogue.load(language)
    return curves_picture(
        curves,
        points,
        [] if stopped_at is None else [MarkedPlace(x=stopped_at, name=catalogue.text("figures.curves.stopped"))],
        x_name=own_words(x_label, catalogue.text("figures.curves.weeks")),
        title=title or catalogue.text("figures.curves.time_title"),
        measure=measure,
        effect_label=effect_label,
        catalogue=catalogue,
        key=key,
        width=width,
        height=height,
    )
