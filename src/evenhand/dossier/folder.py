"""A folder of five files as one dossier, or all the faults of all of them at once.

Pipeline: [dossier] → integrity → effects → synthesis → certainty → outlook → verdicts → report
"""

import hashlib
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from evenhand.dossier.faults import DossierError, Fault
from evenhand.dossier.ledger import Ledger, shown
from evenhand.dossier.plain_file import MEGABYTE, plain_bytes, why
from evenhand.dossier.records import Dossier

FILES = ("dossier.yaml", "parameters.csv", "results.csv", "sources.bib", "studies.csv")
WORKBOOKS = (".xlsx", ".xls", ".xlsm", ".xlsb", ".ods", ".numbers")
# Texts that people write stay far below; the table of a large network has a megabyte.
LARGEST: Mapping[str, int] = {
    "dossier.yaml": 2 * MEGABYTE,
    "parameters.csv": 10 * MEGABYTE,
    "results.csv": 10 * MEGABYTE,
    "sources.bib": 10 * MEGABYTE,
    "studies.csv": 10 * MEGABYTE,
}


def read_dossier(path: str | Path) -> Dossier:
    """Read and check a dossier.

    Parameters
    ----------
    path : str or Path
        Its folder.

    Returns
    -------
    Dossier
        Every value typed. Nothing is written, nothing is computed.

    Raises
    ------
    DossierError
        With every fault of every file, in the order of files and rows.
    """
    dossier, faults = _read(Path(path))
    if dossier is None or faults:
        raise DossierError(faults)
    return dossier


def find_faults(path: str | Path) -> tuple[Fault, ...]:
    """Every fault of a dossier; empty where `read_dossier` would return one."""
    dossier, faults = _read(Path(path))
    return () if dossier is not None and not faults else DossierError(faults).faults


def content_hash(contents: Mapping[str, bytes]) -> str:
    """SHA-256 over names and bytes of the files, in the order of their names.

    Lengths stand before the bytes, so that nothing can move from one file to the next unseen.
    """
    digest = hashlib.sha256()
    for name in sorted(contents):
        digest.update(f"{name}\0{len(contents[name])}\0".encode())
        digest.update(contents[name])
    return digest.hexdigest()


def _read(folder: Path) -> tuple[Dossier | None, list[Fault]]:
    if fault := _no_folder(folder):
        return None, [fault]
    ledgers = {name: Ledger(name) for name in FILES}
    contents = {name: _bytes_of(folder, ledgers[name]) for name in FILES}
    # Pydantic, ruamel.yaml and numpy cost more than the rest of a help page: loaded when there is something to read.
    from evenhand.dossier.cross_references import check_formulas, check_names, check_results
    from evenhand.dossier.dossier_yaml import read_frame
    from evenhand.dossier.parameters_csv import read_parameters
    from evenhand.dossier.results_csv import read_results
    from evenhand.dossier.sources_bib import read_sources
    from evenhand.dossier.studies_csv import read_studies

    found = {name: content for name, content in contents.items() if content is not None}
    frame = read_frame(found["dossier.yaml"], ledgers["dossier.yaml"]) if "dossier.yaml" in found else None
    sources = read_sources(found["sources.bib"], ledgers["sources.bib"]) if "sources.bib" in found else {}
    studies = read_studies(found["studies.csv"], ledgers["studies.csv"]) if "studies.csv" in found else {}
    parameters = (
        read_parameters(found["parameters.csv"], ledgers["parameters.csv"]) if "parameters.csv" in found else {}
    )
    results = read_results(found["results.csv"], ledgers["results.csv"], studies) if "results.csv" in found else ()

    check_names(list(ledgers.values()))
    if frame is not None:
        check_results(ledgers["results.csv"], results, frame.outcomes)
        if "parameter" in ledgers["parameters.csv"].known:
            check_formulas(ledgers["dossier.yaml"], frame, ledgers["parameters.csv"].known["parameter"])
    faults = [fault for ledger in ledgers.values() for fault in ledger.faults]
    if frame is None or faults:
        return None, faults
    dossier = Dossier(
        question=frame.question,
        treatments=frame.treatments,
        outcomes=frame.outcomes,
        claims=frame.claims,
        scenarios=frame.scenarios,
        dependences=frame.dependences,
        cautions=frame.cautions,
        parameters=parameters,
        studies=studies,
        results=results,
        sources=sources,
        sha256=content_hash(found),
        notices=tuple(notice for ledger in ledgers.values() for notice in ledger.notices),
    )
    return dossier, []


def _no_folder(folder: Path) -> Fault | None:
    name = shown(folder.name or str(folder))
    try:
        if folder.is_dir():
            return None
        if folder.exists():
            mend = (
                "give the folder that holds it" if name in FILES else "give a folder with the five files of a dossier"
            )
            return Fault(file=name, problem="a dossier is a folder, and this is a file", mend=mend)
    except (OSError, ValueError) as error:
        return Fault(
            file=name, problem=f"the folder cannot be opened ({why(error)})", mend="check its path and permissions"
        )
    return Fault(file=name, problem="there is no such folder", mend="check the path, or write one with 'evenhand new'")


def _bytes_of(folder: Path, ledger: Ledger) -> bytes | None:
    """A file's bytes; None, with the fault noted, where it is not a plain file of ordinary size inside the folder."""
    path = folder / ledger.file
    with suppress(OSError, RuntimeError):  # a loop of links, which `plain_bytes` names
        if not path.resolve().is_relative_to(folder.resolve()):
            ledger.fault("a link that leads out of the folder", "put a copy of the file in its place")
            return None
    return plain_bytes(
        path, ledger, largest=LARGEST[ledger.file], missing=lambda: _mend_of_missing(folder, ledger.file)
    )


def _mend_of_missing(folder: Path, name: str) -> str:
    stem = name.partition(".")[0].casefold()
    alike = sorted(entry.name for entry in folder.iterdir() if entry.name.partition(".")[0].casefold() == stem)
    # A workbook does not become a table by its name.
    if workbooks := [entry for entry in alike if entry.casefold().endswith(WORKBOOKS)]:
        return f"open '{workbooks[0]}' in the spreadsheet and save its sheet as 'CSV UTF-8', named '{name}'"
    if alike:
        return f"rename '{alike[0]}' to '{name}'"
    return f"add '{name}', at least with its header" if name.endswith(".csv") else f"add '{name}'"
