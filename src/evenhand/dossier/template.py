"""A new dossier to fill in: small, complete, and one that reads without a fault.

Pipeline: [dossier] → integrity → effects → synthesis → certainty → outlook → verdicts → report
"""

import os
from pathlib import Path

from evenhand.dossier.folder import FILES

_TITLE = 'title: {en: "Does the example treatment do more good than harm?"'


def new_dossier(path: str | Path, name: str | None = None) -> Path:
    """Write a commented dossier to fill in.

    Parameters
    ----------
    path : str or Path
        The folder to make; missing parents are made too.
    name : str, optional
        The English title of the question; the example's own if left out.

    Returns
    -------
    Path
        The folder.

    Raises
    ------
    FileExistsError
        Something stands at `path` already; it is never touched.
    ValueError
        The title has characters that cannot be seen.
    """
    # Records are imported through this package everywhere; what only a new dossier needs is loaded here.
    import shutil
    import tempfile

    title = None if name is None else " ".join(name.split())
    if title is not None and not title.isprintable():
        raise ValueError("the title has characters that cannot be seen. Mend: type it anew instead of pasting it.")
    folder = Path(path)
    if os.path.lexists(folder):
        raise FileExistsError(f"'{folder}' exists already. Mend: choose another name, or remove it first.")
    folder.parent.mkdir(parents=True, exist_ok=True)
    # Written aside and moved in one step, so that nobody ever meets half a dossier.
    aside = Path(tempfile.mkdtemp(prefix=".new-dossier-", dir=folder.parent))
    try:
        made = aside / "dossier"
        made.mkdir()
        for file in FILES:
            (made / file).write_text(_blank(file, title), encoding="utf-8", newline="\n")
        made.rename(folder)
    finally:
        shutil.rmtree(aside, ignore_errors=True)
    return folder


def _blank(file: str, title: str | None) -> str:
    import json
    from importlib.resources import files

    text = files("evenhand.dossier").joinpath("blank", file).read_text(encoding="utf-8")
    if file == "dossier.yaml" and title:
        # JSON's text in double quotes is YAML's too; the Arabic title goes, as it would be of another question.
        start = text.index(_TITLE)
        end = text.index("\n", start)
        text = f"{text[:start]}title: {{en: {json.dumps(title, ensure_ascii=False)}}}{text[end:]}"
    return text
