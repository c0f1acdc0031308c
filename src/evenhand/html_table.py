"""A small accessible HTML table, for results shown in a notebook.

Pipeline: beside the line; dossier → integrity → effects → synthesis → certainty → outlook → verdicts → report
"""

from collections.abc import Iterable, Sequence
from html import escape


def html_table(
    caption: str, header: Sequence[str], rows: Iterable[Sequence[str]], *, language: str = "en", direction: str = "ltr"
) -> str:
    """One table whose first column heads its rows; every text is escaped.

    Parameters
    ----------
    caption : str
        What the table shows.
    header : sequence of str
        One heading a column; empty for a table of two columns that needs none.
    rows : iterable of sequences of str
        The cells, as text.
    language, direction : str
        The `lang` and `dir` of the table.
    """
    head = "".join(f'<th scope="col">{escape(cell)}</th>' for cell in header)
    body = "".join(
        f'<tr><th scope="row">{escape(first)}</th>' + "".join(f"<td>{escape(cell)}</td>" for cell in rest) + "</tr>"
        for first, *rest in rows
    )
    return (
        f'<table lang="{escape(language)}" dir="{escape(direction)}"><caption>{escape(caption)}</caption>'
        + (f"<thead><tr>{head}</tr></thead>" if head else "")
        + f"<tbody>{body}</tbody></table>"
    )
