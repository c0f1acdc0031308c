"""The Python that pools a file again: read, effects, pool, each on its own line.

Pipeline: dossier → integrity → effects → synthesis → [workbench] → report
"""

from pathlib import Path

from evenhand.workbench.pool_file import BAYES, OF_COUNTS, PooledFile


def code_of_pool(pooled: PooledFile, path: str | Path) -> str:
    """A script that gives the same numbers from the same file.

    Parameters
    ----------
    pooled : PooledFile
    path : str or Path
        The file, as the script is to find it.
    """
    lines = ["import evenhand as eh", "", f"studies = eh.read_study_file({_read_arguments(pooled, path)})"]
    method, test = pooled.result.method, pooled.result.test
    if method == BAYES or method in OF_COUNTS:
        lines.append(f"result = eh.pool_study_file(studies, {_pool_arguments(pooled)}).result")
    else:
        lines.append(f"yi, vi = studies.effects({_zero_cells(pooled)})")
        if not all(pooled.used):
            lines.append(f"used = {[i for i, used in enumerate(pooled.used) if used]}  # the others give no estimate")
            lines.append("yi, vi = yi[used], vi[used]")
        arguments = f"method={method!r}, test={test!r}, level={pooled.level!r}, prediction={pooled.prediction!r}"
        lines.append(f"result = eh.meta_analysis(yi, vi, {arguments})")
    lines.append("print(result.estimate, result.se, result.ci_lower, result.ci_upper, result.tau2)")
    return "\n".join(lines)


def _read_arguments(pooled: PooledFile, path: str | Path) -> str:
    arguments = [repr(str(path)), repr(pooled.file.measure.name)]
    if (compared := pooled.file.compared) is not None:
        arguments += [
            f"outcome={compared.outcome!r}",
            f"treatment={compared.treatment!r}",
            f"control={compared.control!r}",
        ]
    return ", ".join(arguments)


def _pool_arguments(pooled: PooledFile) -> str:
    arguments = [f"method={pooled.result.method!r}", f"test={pooled.result.test!r}", f"level={pooled.level!r}"]
    return ", ".join(arguments)


def _zero_cells(pooled: PooledFile) -> str:
    added = pooled.zero_cells
    return "" if added is None else f"eh.ZeroCells(add={added.add!r}, to={added.to!r})"
