"""The Python that analyses a file's network again: read, answer, print.

Pipeline: dossier → integrity → effects → synthesis → [workbench] → report
"""

from pathlib import Path

from evenhand.workbench.network_answer import NetworkAnswer


def code_of_network(answer: NetworkAnswer, path: str | Path) -> str:
    """A script that gives the same numbers from the same file.

    Parameters
    ----------
    answer : NetworkAnswer
    path : str or Path
        The file, as the script is to find it.
    """
    file = answer.file
    reading = f"{str(path)!r}, {file.measure.name!r}, reference={answer.treatments[answer.reference]!r}"
    asked = f"method={answer.method!r}, level={answer.level!r}, small_values_good={answer.small_values_good!r}"
    return "\n".join(
        [
            "from evenhand.workbench.network_answer import answer_of_network",
            "from evenhand.workbench.network_file import read_network_file",
            "",
            f"file = read_network_file({reading})",
            f"answer = answer_of_network(file, {asked})",
            "rows = zip(answer.treatments, answer.estimate, answer.se, answer.p_scores)",
            "for treatment, estimate, se, p_score in rows:",
            "    print(treatment, estimate, se, p_score)",
        ]
    )
