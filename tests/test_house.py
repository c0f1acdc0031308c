"""The house keeps its own rules: locks, licence, documented dependencies, module openings, names, a cheap start."""

import ast
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.conftest import ROOT

SOURCE = ROOT / "src" / "evenhand"
MODULES = sorted(SOURCE.rglob("*.py"))
LOCKS = ("requirements.lock", "requirements-dev.lock", "tools.lock")
# Put together here, so that this file does not itself name them.
REGISTRY_HOSTS = [
    ".".join(parts)
    for parts in (
        ("pypi", "org"),
        ("pythonhosted", "org"),
        ("npmjs", "org"),
        ("npmjs", "com"),
        ("yarnpkg", "com"),
        ("deb", "debian", "org"),
        ("anaconda", "org"),
    )
]
ROOMS = ("dossier", "integrity", "effects", "synthesis", "certainty", "outlook", "verdicts", "figures", "report")


def _tracked() -> list[Path]:
    if shutil.which("git") is None or not (ROOT / ".git").exists():
        pytest.skip("not a git checkout: which files belong to the project cannot be asked")
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [ROOT / name for name in listed.split("\0") if name and (ROOT / name).is_file()]


def _packages(requirements: list[str]) -> set[str]:
    return {re.split(r"[<>=!~\[ ;]", requirement)[0].lower().replace("_", "-") for requirement in requirements}


def _pyproject() -> dict:
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_holds_hashes_and_no_address(name):
    text = (ROOT / name).read_text(encoding="utf-8")
    assert "://" not in text
    pins = re.findall(r"^[a-z0-9][\w.-]*==.*?(?=^[a-z0-9]|\Z)", text, flags=re.MULTILINE | re.DOTALL)
    assert pins
    assert all("--hash=sha256:" in pin for pin in pins)


def test_the_npm_lock_holds_hashes_and_no_address():
    text = (ROOT / "package-lock.json").read_text(encoding="utf-8")
    assert '"resolved"' not in text
    assert text.count('"integrity": "sha512-') == text.count('"node_modules/')


def test_no_file_names_a_package_registry():
    named = [
        f"{path.relative_to(ROOT)}: {host}"
        for path in _tracked()
        for host in REGISTRY_HOSTS
        if host.encode() in path.read_bytes()
    ]
    assert named == []


def _extras(project: dict) -> list[str]:
    return [item for items in project["project"].get("optional-dependencies", {}).values() for item in items]


def test_locks_hold_every_dependency():
    project = _pyproject()
    groups = project["dependency-groups"]
    wanted = {
        "requirements.lock": _packages(project["project"]["dependencies"]),
        "requirements-dev.lock": _packages(
            project["project"]["dependencies"]
            + _extras(project)
            + [item for group in groups.values() for item in group if isinstance(item, str)]
        ),
    }
    for name, packages in wanted.items():
        pinned = _packages(re.findall(r"^[a-z0-9][\w.-]*==", (ROOT / name).read_text(encoding="utf-8"), re.MULTILINE))
        canonical = {package.replace(".", "-") for package in packages}
        assert canonical <= pinned, name


def test_every_dependency_has_its_line_in_the_docs():
    project = _pyproject()
    groups = project["dependency-groups"]
    asked = (
        project["project"]["dependencies"]
        + _extras(project)
        + [item for group in groups.values() for item in group if isinstance(item, str)]
    )
    text = (ROOT / "docs" / "dependencies.md").read_text(encoding="utf-8")
    rows = {row.split("|")[1].strip() for row in text.splitlines() if row.startswith("| ")}
    assert {package for package in _packages(asked) if package not in rows} == set()


def test_every_runtime_dependency_is_imported():
    """A package nobody imports is weight and risk for nothing."""
    imported = set()
    for path in MODULES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                imported |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                imported.add(node.module.split(".")[0])
    project = _pyproject()
    wanted = {package.split(".")[0] for package in _packages(project["project"]["dependencies"] + _extras(project))}
    assert wanted - imported == set()
    third_party = imported - set(sys.stdlib_module_names) - {"evenhand", "pydantic_core"}  # pydantic's own core
    assert third_party - wanted == set()


def test_an_extra_is_imported_only_where_it_is_used():
    """Whoever has not asked for an extra can import every module."""
    extras = {package.replace("-", "_") for package in _packages(_extras(_pyproject()))}
    assert extras
    for path in MODULES:
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.Import):
                assert not {alias.name.split(".")[0] for alias in node.names} & extras, path.name
            elif isinstance(node, ast.ImportFrom) and node.module:
                assert node.module.split(".")[0] not in extras, path.name


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(SOURCE)))
def test_a_module_says_what_it_is_and_where_it_stands(path):
    text = path.read_text(encoding="utf-8")
    if not text.strip():
        assert path.name == "__init__.py"
        return
    docstring = ast.get_docstring(ast.parse(text))
    assert docstring, "no docstring"
    first = docstring.splitlines()[0]
    assert first.rstrip()[-1] in ".:", f"the first line is not one sentence: {first}"
    room = path.relative_to(SOURCE).parts[0]
    if room in ROOMS:
        pipeline = [line for line in docstring.splitlines() if line.startswith("Pipeline:")]
        assert len(pipeline) == 1
        assert f"[{room}]" in pipeline[0]


def test_no_file_is_named_for_no_subject():
    vague = {"util", "utils", "helper", "helpers", "common", "misc", "tools", "stuff"}
    assert [str(path) for path in MODULES + sorted((ROOT / "tests").rglob("*.py")) if path.stem in vague] == []


def test_the_licence_is_here_in_full():
    text = (ROOT / "LICENSE").read_text(encoding="utf-8")
    assert "Apache License" in text
    assert "END OF TERMS AND CONDITIONS" in text
    assert _pyproject()["project"]["license"] == "Apache-2.0"


@pytest.mark.parametrize("command", [["--help"], ["assess", "--help"], ["--version"]])
def test_help_waits_for_no_numerics(command):
    code = (
        "import sys\nfrom evenhand.cli import main\n"
        f"sys.argv = ['evenhand', *{command!r}]\n"
        "try:\n    main()\nexcept SystemExit as stop:\n    assert not stop.code, stop.code\n"
        "print('loaded:', *sorted(sys.modules))"
    )
    printed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    loaded = set(printed.rpartition("loaded:")[2].split())
    heavy = {"numpy", "scipy", "scipy.stats", "pandas", "pydantic", "jinja2", "ruamel.yaml", "bibtexparser"}
    assert "click" in loaded
    assert loaded & heavy == set()


def test_importing_evenhand_loads_nothing_else():
    code = (
        "import sys, evenhand; print(*[name for name in ('numpy', 'scipy', 'pandas', 'click') if name in sys.modules])"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == ""


def test_scipy_stats_and_pandas_are_never_imported_at_the_top_of_a_module():
    eager = []
    for path in MODULES:
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            names = (
                [alias.name for alias in node.names]
                if isinstance(node, ast.Import)
                else [f"{node.module}.{alias.name}" for alias in node.names]
                if isinstance(node, ast.ImportFrom)
                else []
            )
            eager += [f"{path.name}: {name}" for name in names if name.startswith(("scipy.stats", "pandas"))]
    assert eager == []


def test_every_message_is_in_every_language():
    from evenhand.words.catalogue import LANGUAGES, Catalogue

    english = Catalogue.load("en").messages
    for language in LANGUAGES:
        assert set(Catalogue.load(language).messages) == set(english), language


def test_the_contents_of_synthesis_are_there_when_asked_for():
    import evenhand.synthesis as synthesis

    for name in synthesis.__all__:
        assert getattr(synthesis, name) is not None
    for module in re.findall(r"^\| `(\w+)` \|", synthesis.__doc__, flags=re.MULTILINE):
        assert (SOURCE / "synthesis" / f"{module}.py").exists(), module
    code = "import sys, evenhand.synthesis; print([name for name in ('numpy', 'scipy') if name in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"
