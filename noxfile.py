"""The one entrance to this repository: `nox` runs every test, `nox --list` shows what else there is.

A session is a few lines; longer work lives in `tools/`. Nothing but nox has to be installed beforehand.
"""

import os
import sys
from pathlib import Path

import nox

nox.needs_version = ">=2025.10.14"
nox.options.default_venv_backend = "uv|virtualenv"
nox.options.download_python = "never"
nox.options.error_on_missing_interpreters = False
nox.options.reuse_venv = "yes"
nox.options.sessions = ["lint", "tests", "runtime", "docs", "hooks", "e2e"]

ROOT = Path(__file__).parent
sys.path.insert(0, str(ROOT))
from tests.e2e.node import NodeMissing, node_program  # noqa: E402 - nox does not look for modules here

PROJECT = nox.project.load_toml(ROOT / "pyproject.toml")
PACKAGES = ("headgate-schema", "headgate-runtime", "headgate", "headgate-template")
CORE = PACKAGES[:3]
RUNTIME_PYTHONS = ["3.10", "3.11", "3.12", "3.13"]
NODE_TESTS = ("tests/e2e", "tests/oracles", "tests/editors")
HOOK_TESTS = "tests/hooks"
NODE_PACKAGES = "from tests.e2e.node import ensure_node_packages; ensure_node_packages()"


def install(session: nox.Session, *groups: str, packages: tuple[str, ...] = ()) -> None:
    """Install dependency groups and packages of this tree, at the versions in `constraints.txt`."""
    wanted = nox.project.dependency_groups(PROJECT, "build", *groups)
    session.install("-c", "constraints.txt", *wanted)
    if packages:
        editable = [part for name in packages for part in ("-e", f"packages/{name}")]
        session.install("-c", "constraints.txt", "--no-build-isolation", *editable)


def require_node(session: nox.Session) -> None:
    """End the session when there is no usable Node: skipped on a desk, failed where `CI` is set."""
    try:
        node_program()
    except NodeMissing as missing:
        message = f"the generated workflows can't be executed: {missing}"
        if "CI" in os.environ:
            session.error(message)
        session.skip(message)


@nox.session
def lint(session: nox.Session) -> None:
    """Check style, formatting and types: ruff, mypy strict."""
    install(session, "lint", "tests", packages=PACKAGES)
    session.run("ruff", "check", ".")
    session.run("ruff", "format", "--check", ".")
    session.run("mypy")
    session.run("mypy", "--python-version", RUNTIME_PYTHONS[0], "packages/headgate-runtime/src")


@nox.session
def tests(session: nox.Session) -> None:
    """Run every test that needs only Python and git."""
    install(session, "tests", packages=PACKAGES)
    ignored = [f"--ignore={folder}" for folder in (*NODE_TESTS, HOOK_TESTS)]
    session.run("pytest", "-n", "auto", *ignored, *session.posargs)


@nox.session(python=RUNTIME_PYTHONS)
def runtime(session: nox.Session) -> None:
    """Test the vendored runtime on each Python found here, with nothing but pytest installed."""
    session.install("-c", "constraints.txt", "pytest")
    source = str(ROOT / "packages/headgate-runtime/src")
    session.run("pytest", "tests/runtime", *session.posargs, env={"PYTHONPATH": source})


@nox.session
def docs(session: nox.Session) -> None:
    """Build the documentation site into `site/`; a broken link fails."""
    install(session, "docs")
    session.run("mkdocs", "build", "--strict", *session.posargs, env={"NO_MKDOCS_2_WARNING": "1"})


@nox.session
def hooks(session: nox.Session) -> None:
    """Install the pre-commit hooks straight from this repository, as a user does, and run them."""
    install(session, "tests", "hooks")
    session.run("pytest", HOOK_TESTS, *session.posargs)


@nox.session
def e2e(session: nox.Session) -> None:
    """Execute the generated workflows and check them with every oracle (needs Node 20 or newer)."""
    require_node(session)
    install(session, "tests", "oracles", packages=PACKAGES)
    session.run("python", "-c", NODE_PACKAGES)
    workers = str(2 * (os.cpu_count() or 1))  # stories wait more than they compute
    session.run("pytest", "-n", workers, *NODE_TESTS, *session.posargs, env={"HEADGATE_E2E_REQUIRED": "1"})


@nox.session
def faults(session: nox.Session) -> None:
    """Play the fault matrix: what goes wrong × where × how it is recovered; `-- --full` plays all of it."""
    require_node(session)
    install(session, packages=CORE)
    session.run("python", "-m", "tests.faults", *session.posargs)


@nox.session
def fuzz(session: nox.Session) -> None:
    """Check mutated manifests and callbacks for a minute; `-- --seconds 600` goes on for longer."""
    install(session, "tests", packages=CORE)
    session.run("python", "-m", "tools.fuzz", *session.posargs)


@nox.session
def generate(session: nox.Session) -> None:
    """Write every generated file; `-- --check` fails when one is stale."""
    install(session, packages=CORE)
    session.run("python", "-m", "tools.generate", *session.posargs)


@nox.session
def demo(session: nox.Session) -> None:
    """Take the example repository from its manifest to a finished and a rolled back canary."""
    install(session, packages=CORE)
    session.run("python", "-m", "tools.demo", *session.posargs)


@nox.session
def bench(session: nox.Session) -> None:
    """Measure start-up, checking, typing, generating and the state branch; `-- --quick` takes minutes."""
    install(session, "bench", packages=CORE)
    session.run("python", "-m", "tools.bench", *session.posargs)
