"""The rules of the house: import directions, sizes, names, versions, and what no committed file may say."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from headgate.workflows.pins import CHECKOUT

ROOT = Path(__file__).parent.parent
DISTRIBUTIONS = ("headgate-schema", "headgate-runtime", "headgate", "headgate-template")
MAY_IMPORT = {
    "headgate_schema": set(),
    "headgate_runtime": set(),
    "headgate": {"headgate_schema", "headgate_runtime"},
    "headgate_template": {"headgate"},
}
LONGEST_FUNCTION = 60
LONGEST_MODULE = 400
LONGER_FOR_A_REASON = {
    "packages/headgate-runtime/src/headgate_runtime/machine.py": "one table, every state",
}
LONGEST_EXCEPTION = 500
"""For those, and for tests, which are lists of sentences."""
WORDS_THAT_SAY_NOTHING = {"util", "utils", "helper", "helpers", "manager", "managers", "common", "misc"}

# Written so that no pattern matches its own text.
FORBIDDEN = {
    "a registry's host": r"pypi[.]org|pythonhosted[.]org|npmjs[.](?:org|com)|crates[.]io|proxy[.]golang",
    "a path of one machine": r"(?<!runner)/wor[k]/|/far[m]/|/tmp/h[g]\b|/roo[t]/|/home/[a-z]+/(?!runner)",
    "who wrote it": r"(?i)\b(?:claud[e]|chatgp[t]|openai[ ]|anthropi[c]|ai[ ]assistan[t]|co-authored-b[y])\b",
}


@cache
def files() -> tuple[Path, ...]:
    """Every file git knows or would add, relative to the root."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    names = sorted(set(listed.split("\0")) - {""})
    return tuple(Path(name) for name in names if (ROOT / name).is_file())


def text_of(path: Path) -> str | None:
    """The text of a file, or None when it is not text."""
    try:
        return (ROOT / path).read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return None


def python_files() -> list[Path]:
    return [path for path in files() if path.suffix == ".py" and path.parts[0] != "templates"]


def sources(distribution: str) -> list[Path]:
    folder = Path("packages") / distribution / "src"
    return [path for path in python_files() if path.is_relative_to(folder)]


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse((ROOT / path).read_text(encoding="utf-8"), str(path))


def imports(path: Path) -> Iterator[str]:
    """The first part of every absolute module name that a file imports, wherever in the file it does so."""
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Import):
            yield from (name.name.partition(".")[0] for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            yield node.module.partition(".")[0]


@pytest.mark.parametrize("distribution", DISTRIBUTIONS)
def test_a_package_imports_only_the_packages_it_may(distribution: str) -> None:
    package = distribution.replace("-", "_")
    ours = set(MAY_IMPORT)
    wrong = [
        f"{path} imports {name}"
        for path in sources(distribution)
        for name in imports(path)
        if name in ours - {package} - MAY_IMPORT[package]
    ]
    assert wrong == []


def test_the_runtime_imports_only_the_standard_library() -> None:
    allowed = sys.stdlib_module_names | {"headgate_runtime"}
    wrong = [
        f"{path} imports {name}"
        for path in sources("headgate-runtime")
        for name in imports(path)
        if name not in allowed
    ]
    assert wrong == []


def test_the_runtime_is_python_3_10() -> None:
    for path in sources("headgate-runtime"):
        ast.parse((ROOT / path).read_text(encoding="utf-8"), str(path), feature_version=(3, 10))


def test_no_function_is_longer_than_sixty_lines() -> None:
    too_long = [
        f"{path}:{node.lineno} {node.name}: {lines} lines"
        for path in python_files()
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (lines := (node.end_lineno or node.lineno) - node.lineno + 1) > LONGEST_FUNCTION
    ]
    assert too_long == []


def test_no_module_is_too_long() -> None:
    too_long = [
        f"{path}: {lines} lines"
        for path in python_files()
        if (lines := len((ROOT / path).read_text(encoding="utf-8").splitlines())) > longest(path)
    ]
    assert too_long == []


def longest(path: Path) -> int:
    is_exception = path.parts[0] == "tests" or str(path) in LONGER_FOR_A_REASON
    return LONGEST_EXCEPTION if is_exception else LONGEST_MODULE


def test_names_say_something() -> None:
    names = [(str(path), part) for path in python_files() for part in path.with_suffix("").parts]
    names += [
        (f"{path}:{node.lineno}", node.name)
        for path in python_files()
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
    ]
    empty = [f"{place} {name}" for place, name in names if words_of(name) & WORDS_THAT_SAY_NOTHING]
    assert empty == []


def words_of(name: str) -> set[str]:
    """`load_FooBar-baz` → {load, foo, bar, baz}."""
    return {word.lower() for word in re.findall(r"[A-Z]?[a-z]+|[A-Z]+", name)}


def test_every_module_says_what_it_is_for() -> None:
    silent = [
        str(path)
        for distribution in DISTRIBUTIONS
        for path in sources(distribution)
        if not ast.get_docstring(tree_of(path))
    ]
    assert silent == []


@pytest.mark.parametrize("what", FORBIDDEN)
def test_no_file_names(what: str) -> None:
    pattern = re.compile(FORBIDDEN[what])
    found = [
        f"{path}:{number}: {line.strip()[:120]}"
        for path in files()
        for number, line in enumerate((text_of(path) or "").splitlines(), start=1)
        if pattern.search(line)
    ]
    assert found == []


def test_no_lock_file_says_where_packages_come_from() -> None:
    assert [path for path in files() if path.name in {"uv.lock", "poetry.lock", "yarn.lock"}] == []
    for path in files():
        if path.name == "package-lock.json":
            assert '"resolved"' not in (text_of(path) or ""), path


def test_the_constraints_are_names_and_versions_only() -> None:
    pin = re.compile(r"[A-Za-z0-9._-]+==[A-Za-z0-9.]+")
    lines = [line for line in (ROOT / "constraints.txt").read_text().splitlines() if not line.startswith("#")]
    assert [line for line in lines if not pin.fullmatch(line)] == []
    assert lines == sorted(lines, key=lambda line: line.partition("==")[0].lower())


def manifest_of(distribution: str) -> dict[str, object]:
    folder = ROOT / "packages" / distribution if distribution else ROOT
    project = tomllib.loads((folder / "pyproject.toml").read_text())["project"]
    assert isinstance(project, dict)
    return project


def test_all_packages_have_one_version_and_ask_each_other_for_it() -> None:
    version = manifest_of("")["version"]
    for distribution in DISTRIBUTIONS:
        project = manifest_of(distribution)
        assert project["version"] == version, distribution
        for wanted in re.findall(r"headgate[a-z-]*==[0-9.]+", str(project)):
            assert wanted.endswith(f"=={version}"), f"{distribution} wants {wanted}"


def test_the_root_asks_for_what_the_packages_it_carries_ask_for() -> None:
    carried = {need for name in DISTRIBUTIONS[:3] for need in needs_of(name)}
    assert needs_of("") == {need for need in carried if not need.startswith("headgate")}


def needs_of(distribution: str) -> set[str]:
    needs = manifest_of(distribution)["dependencies"]
    assert isinstance(needs, list)
    return set(needs)


def test_every_page_and_callback_uses_the_checkout_that_is_generated() -> None:
    used = re.compile(r"actions/checkout@(\S+) # (\S+)")
    found = {
        pin
        for path in files()
        if path.parts[0] in {"docs", "examples", "templates", "packages"} and path.suffix in {".md", ".yaml"}
        for pin in used.findall(text_of(path) or "")
    }
    assert found == {(CHECKOUT.commit, CHECKOUT.version)}


def test_the_changelog_has_a_place_for_what_comes_next() -> None:
    assert "\n## Unreleased\n" in (ROOT / "CHANGELOG.md").read_text()


def test_every_nox_session_has_one_line_that_says_what_it_does() -> None:
    sessions = [
        node
        for node in tree_of(Path("noxfile.py")).body
        if isinstance(node, ast.FunctionDef)
        and any("session" in ast.unparse(mark) for mark in node.decorator_list)
    ]
    assert len(sessions) >= 7
    for session in sessions:
        assert len((ast.get_docstring(session) or "").splitlines()) == 1, session.name
    assert len((ROOT / "noxfile.py").read_text().splitlines()) < 200


def pages() -> list[Path]:
    """What people read: the documents at the root, the packages' READMEs, the documentation's own pages."""
    elsewhere = {"templates", "tests", "schema"}
    return [path for path in files() if path.suffix == ".md" and path.parts[0] not in elsewhere]


def test_every_path_that_a_page_names_exists() -> None:
    tops = {path.parts[0] for path in files()} - {".github"}
    named = re.compile(r"`([\w.@-]+(?:/[\w.@-]+)*/?)`")
    gone = [
        f"{page} names {path}"
        for page in pages()
        for path in named.findall(text_of(page) or "")
        if "/" in path and path.partition("/")[0] in tops and not exists(path, page)
    ]
    assert gone == []


def test_every_link_at_the_root_leads_somewhere() -> None:
    link = re.compile(r"\]\((?!https?:|#)([^)#\s]+)")
    dead = [
        f"{page} links to {target}"
        for page in pages()
        if page.parts[0] != "docs"
        for target in link.findall(text_of(page) or "")
        if not (ROOT / page.parent / target).exists()
    ]
    assert dead == []


def exists(path: str, page: Path) -> bool:
    """Whether a page's path is one of this repository or, for an example's page, of the example."""
    return any((folder / path).exists() for folder in (ROOT, ROOT / page.parent, ROOT / "examples/shop"))


def test_generated_files_are_fresh() -> None:
    tool = [sys.executable, "-m", "tools.generate", "--check"]
    ran = subprocess.run(tool, cwd=ROOT, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr
