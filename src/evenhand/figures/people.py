"""One thousand people, drawn one by one: how many would have an outcome, and how sure that is.

Pipeline: dossier → integrity → effects → synthesis → certainty → outlook → verdicts → [figures] → report

Ten blocks of a hundred, so that people can be counted. From the first person on: *filled*, as many as at the lower
limit; *striped*, up to the best estimate; *outlined*, up to the upper limit; the rest pale. Where nobody has measured
the outcome no person is drawn at all: empty dashed blocks and a question mark, which cannot be taken for a zero.

References
----------
Garcia-Retamero & Cokely (2017). Human Factors 59, 582-627, on icon arrays; McDowell et al. (2016). PLoS ONE 11(8),
e0160773, on keeping the denominator.
"""

from dataclasses import dataclass

from evenhand.dossier.records import Hand, Words
from evenhand.figures.counts import people_words, whole_people
from evenhand.figures.legend import KeyEntry
from evenhand.figures.palette import ANYWAY, REST, SECONDARY, Paint, hatch, paint_of
from evenhand.figures.svg import Svg, coordinate, element, figure, group, join, label
from evenhand.figures.text_width import wrapped
from evenhand.outlook.absolute import Interval
from evenhand.outlook.people import PEOPLE
from evenhand.words.catalogue import Catalogue

_CELL_WIDTH, _CELL_HEIGHT = 8.0, 10.0
_ROW, _BLOCK = 10, 100
_GAP = 7.0
_BLOCKS_ACROSS = 5
_BLOCK_WIDTH, _BLOCK_HEIGHT = _ROW * _CELL_WIDTH, _ROW * _CELL_HEIGHT
# Room round the blocks for the ring that points at a lone figure.
_MARGIN = 4.0
_PERSON = "M4 .7a1.75 1.75 0 0 1 0 3.5a1.75 1.75 0 0 1 0-3.5zM1.5 6.9a2.5 2.3 0 0 1 5 0V9.3h-5z"
_FEET = "M1.5 7.6h5v1.7h-5z"


@dataclass(frozen=True, slots=True, kw_only=True)
class PeoplePanel:
    """One picture of 1,000 people with the words that stand above it on a page."""

    heading: str  # 'Without treatment'
    count: str  # '30 of 1,000 people (12 to 64)', or that nobody has measured it
    measured: bool
    svg: Svg


@dataclass(frozen=True, slots=True, kw_only=True)
class PeoplePanels:
    """Both pictures of one outcome, same size and denominator, and the key to their signs."""

    without: PeoplePanel
    with_treatment: PeoplePanel
    legend: tuple[KeyEntry, ...]  # the signs that occur in either picture


@dataclass(frozen=True, slots=True, kw_only=True)
class _Crowd:
    """Where one look gives way to the next, counting people from the first."""

    filled: int
    striped: int
    outlined: int
    partial: bool  # somebody is affected, but fewer than one of 1,000

    @staticmethod
    def of(value: Interval) -> "_Crowd":
        middle = whole_people(value.value)
        lower, upper = min(middle, whole_people(value.lower)), max(middle, whole_people(value.upper))
        partial = middle == 0 and value.value > 0
        return _Crowd(filled=lower, striped=middle, outlined=max(upper, int(partial)), partial=partial)


def people_array(value: Interval | None, *, key: str, title: str, paint: Paint, catalogue: Catalogue) -> Svg:
    """1,000 people in one picture without words.

    Parameters
    ----------
    value : Interval or None
        Of 1,000 people; `None` where nobody has measured it.
    key : str
        Prefix of the picture's ids.
    title : str
        What the picture shows; its description adds the numbers.
    paint : Paint
        Of those who have the outcome.
    """
    width, height = _size()
    return figure(
        _array(value, key, paint, catalogue),
        key=key,
        title=title,
        desc=_count_words(value, catalogue),
        width=width,
        height=height,
        catalogue=catalogue,
        class_="figure figure-people",
    )


def people_panels(
    *,
    key: str,
    without: Interval | None,
    with_treatment: Interval | None,
    hand: Hand,
    catalogue: Catalogue,
    outcome: Words,
) -> PeoplePanels:
    """Both pictures of one outcome, for a page that places them itself.

    Parameters
    ----------
    without, with_treatment : Interval or None
        Of 1,000 people; `None` where nobody has measured it.
    """

    def panel(value: Interval | None, name: str, paint: Paint) -> PeoplePanel:
        heading = catalogue.text(f"figures.people.{name}")
        title = catalogue.text("figures.people.title", outcome=outcome, heading=heading)
        return PeoplePanel(
            heading=heading,
            count=_count_words(value, catalogue),
            measured=value is not None,
            svg=people_array(value, key=f"{key}-{name}", title=title, paint=paint, catalogue=catalogue),
        )

    return PeoplePanels(
        without=panel(without, "without", ANYWAY),
        with_treatment=panel(with_treatment, "with", paint_of(hand)),
        legend=_legend(key, (without, with_treatment), paint_of(hand), catalogue),
    )


def people_picture(
    *,
    key: str,
    without: Interval | None,
    with_treatment: Interval | None,
    hand: Hand,
    catalogue: Catalogue,
    outcome: Words,
) -> Svg:
    """Both pictures of one outcome side by side with headings, as one file that stands alone.

    On a page prefer `people_panels`: its words are the page's own text, and its pictures stack on a narrow screen.
    """
    width, height = _size()
    between, head, foot = 28.0, 66.0, 8.0
    panels = (
        (without, "without", ANYWAY),
        (with_treatment, "with", paint_of(hand)),
    )
    # Without treatment comes first in reading order: at the left in English, at the right in Arabic.
    places = (0.0, width + between) if catalogue.direction == "ltr" else (width + between, 0.0)
    drawn = []
    for (value, name, paint), x in zip(panels, places, strict=True):
        anchor, at = ("start", x + _MARGIN) if catalogue.direction == "ltr" else ("end", x + width - _MARGIN)
        count = wrapped(_count_words(value, catalogue), 17, width)[0]
        heading = catalogue.text(f"figures.people.{name}")
        drawn += [
            label(heading, at, 22, catalogue, anchor=anchor, font_size=15),
            group(
                label(count, at, 48, catalogue, anchor=anchor, font_size=17, font_weight="700"),
                **paint.attributes,
            ),
            group(
                _array(value, f"{key}-{name}", paint, catalogue),
                transform=f"translate({coordinate(x)} {coordinate(head)})",
            ),
        ]
    words = [
        catalogue.text(
            "figures.people.panel",
            heading=catalogue.text(f"figures.people.{name}"),
            count=_count_words(value, catalogue),
        )
        for value, name, _ in panels
    ]
    return figure(
        *drawn,
        key=key,
        title=catalogue.say(outcome),
        desc=" ".join(words),
        width=2 * width + between,
        height=head + height + foot,
        catalogue=catalogue,
        class_="figure figure-people-pair",
    )


def _size() -> tuple[float, float]:
    down = int(PEOPLE) // _BLOCK // _BLOCKS_ACROSS
    return (
        _BLOCKS_ACROSS * (_BLOCK_WIDTH + _GAP) - _GAP + 2 * _MARGIN,
        down * (_BLOCK_HEIGHT + _GAP) - _GAP + 2 * _MARGIN,
    )


def _count_words(value: Interval | None, catalogue: Catalogue) -> str:
    return catalogue.text("figures.people.not_measured") if value is None else people_words(value, catalogue)


def _array(value: Interval | None, key: str, paint: Paint, catalogue: Catalogue) -> Svg:
    """All that stands inside one picture; people are counted from the side where reading begins."""
    if value is None:
        return _nobody_measured(catalogue)
    crowd = _Crowd.of(value)
    people = join(
        _definitions(key, paint),
        _run(key, 0, crowd.filled, fill="currentColor", **paint.attributes),
        _run(key, crowd.filled, crowd.striped, **_striped(key), **paint.attributes),
        _run(key, max(crowd.striped, int(crowd.partial)), crowd.outlined, **_outlined(), **paint.attributes),
        _run(key, crowd.outlined, int(PEOPLE), fill="currentColor", **REST.attributes),
        # Last, so that its ring lies on top of its neighbours.
        _fraction(paint) if crowd.partial else "",
    )
    if catalogue.direction == "ltr":
        return people
    return group(people, transform=f"matrix(-1 0 0 1 {coordinate(_size()[0])} 0)")


def _striped(key: str) -> dict[str, str | float | None]:
    return {"fill": f"url(#{key}-stripes)", "stroke": "currentColor", "stroke_width": 0.8}


def _outlined() -> dict[str, str | float | None]:
    return {"fill": "none", "stroke": "currentColor", "stroke_width": 0.7}


def _definitions(key: str, paint: Paint) -> Svg:
    """One person, a row of ten and a block of a hundred, each made of the one before: 1,000 people in a few bytes."""
    person = element("path", d=_PERSON, id=f"{key}-1")
    row = element("g", *(_use(f"{key}-1", place * _CELL_WIDTH, 0) for place in range(_ROW)), id=f"{key}-10")
    block = element("g", *(_use(f"{key}-10", 0, place * _CELL_HEIGHT) for place in range(_ROW)), id=f"{key}-100")
    return element("defs", hatch(f"{key}-stripes", spacing=1.8, width=0.62, paint=paint), person, row, block)


def _use(identifier: str, x: float, y: float) -> Svg:
    return element("use", href=f"#{identifier}", x=x or None, y=y or None)


def _run(key: str, start: int, stop: int, **look: str | float | None) -> Svg:
    """People number `start` to `stop` (exclusive): as whole blocks, whole rows and single people."""
    uses = []
    while start < stop:
        size = next(size for size in (_BLOCK, _ROW, 1) if start % size == 0 and start + size <= stop)
        uses.append(_use(f"{key}-{size}", *_place(start)))
        start += size
    return group(*uses, **look)


def _place(person: int) -> tuple[float, float]:
    block, in_block = divmod(person, _BLOCK)
    down, across = divmod(block, _BLOCKS_ACROSS)
    row, column = divmod(in_block, _ROW)
    return (
        _MARGIN + across * (_BLOCK_WIDTH + _GAP) + column * _CELL_WIDTH,
        _MARGIN + down * (_BLOCK_HEIGHT + _GAP) + row * _CELL_HEIGHT,
    )


def _fraction(paint: Paint) -> Svg:
    """The first person, only partly there and ringed: somebody is affected, but fewer than one of 1,000."""
    x, y = _place(0)
    return group(
        element("circle", cx=4, cy=5, r=7, stroke="currentColor", stroke_width=1.2, fill="none"),
        element("path", d=_FEET, fill="currentColor"),
        element("path", d=_PERSON, fill="none", stroke="currentColor", stroke_width=0.8, stroke_dasharray="1.2 .8"),
        transform=f"translate({coordinate(x)} {coordinate(y)})",
        **paint.attributes,
    )


def _nobody_measured(catalogue: Catalogue) -> Svg:
    """Ten empty dashed blocks under a question mark."""
    width, height = _size()
    blocks = (
        element(
            "rect",
            x=_place(start)[0],
            y=_place(start)[1],
            width=_BLOCK_WIDTH,
            height=_BLOCK_HEIGHT,
            rx=4,
            fill="none",
            stroke="currentColor",
            stroke_width=1.2,
            stroke_dasharray="4 4",
        )
        for start in range(0, int(PEOPLE), _BLOCK)
    )
    mark = element(
        "text",
        catalogue.text("figures.people.unknown"),
        x=width / 2,
        y=height / 2 + 32,
        text_anchor="middle",
        font_size=92,
        font_weight="700",
        fill="currentColor",
    )
    return group(*blocks, mark, **SECONDARY.attributes)


def _legend(key: str, values: tuple[Interval | None, ...], paint: Paint, catalogue: Catalogue) -> tuple[KeyEntry, ...]:
    crowds = [_Crowd.of(value) for value in values if value is not None]
    present = {
        "filled": any(crowd.filled for crowd in crowds),
        "striped": any(crowd.striped > crowd.filled for crowd in crowds),
        "outlined": any(crowd.outlined > max(crowd.striped, int(crowd.partial)) for crowd in crowds),
        "partial": any(crowd.partial for crowd in crowds),
        "rest": any(crowd.outlined < PEOPLE for crowd in crowds),
    }
    return tuple(
        KeyEntry(
            svg=_swatch(f"{key}-key-{sign}", sign, paint, catalogue),
            words=catalogue.text(f"figures.people.key.{sign}"),
        )
        for sign, occurs in present.items()
        if occurs
    )


def _swatch(key: str, sign: str, paint: Paint, catalogue: Catalogue) -> Svg:
    """One person as the picture draws them, without a frame."""
    if sign == "partial":
        person = _fraction(paint)
        margin = 0.0
    else:
        looks: dict[str, dict[str, str | float | None]] = {
            "filled": {"fill": "currentColor", **paint.attributes},
            "striped": {**_striped(key), **paint.attributes},
            "outlined": {**_outlined(), **paint.attributes},
            "rest": {"fill": "currentColor", **REST.attributes},
        }
        stripes = hatch(f"{key}-stripes", spacing=1.8, width=0.62, paint=paint)
        person = join(
            element("defs", stripes) if sign == "striped" else "",
            group(element("path", d=_PERSON), **looks[sign]),
        )
        margin = _MARGIN
    offset = f"translate({coordinate(margin)} {coordinate(margin)})"
    return figure(
        group(person, transform=offset),
        key=key,
        title=catalogue.text("figures.people.key.title"),
        desc=catalogue.text(f"figures.people.key.{sign}"),
        width=_CELL_WIDTH + 2 * _MARGIN,
        height=_CELL_HEIGHT + 2 * _MARGIN,
        catalogue=catalogue,
        class_="figure-mark",
    )
