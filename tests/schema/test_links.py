"""Where the documentation lies: pages that exist, and addresses that may be printed."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from headgate_schema.failure import SchemaError
from headgate_schema.pages import find_page, read_base
from headgate_schema.rules import RULES

DOCS = Path(__file__).parents[2] / "docs"


@pytest.mark.parametrize("code", [rule.code for rule in RULES])
def test_every_code_has_the_page_that_is_linked(code: str) -> None:
    assert (DOCS / find_page(code)).with_suffix(".md").is_file()


@pytest.mark.parametrize(
    ("address", "base"),
    [
        ("https://docs.example.com", "https://docs.example.com"),
        ("https://docs.example.com/", "https://docs.example.com"),
        ("https://example.com:8443/headgate/v1/", "https://example.com:8443/headgate/v1"),
    ],
)
def test_an_address_is_read_with_or_without_a_slash(address: str, base: str) -> None:
    assert find_page("HG101", read_base(address)) == f"{base}/reference/rules/HG101.html"


@pytest.mark.parametrize(
    "address",
    ["http://docs.example.com", "docs.example.com", "https://", "https://a b", "https://user@example.com",
     "https://example.com/?x", "https://example.com/#x", "javascript:alert(1)", "https://example.com/\n::error::"],
)  # fmt: skip
def test_what_is_no_plain_https_address_is_refused(address: str) -> None:
    with pytest.raises(SchemaError, match="is not the address of a site: https://"):
        read_base(address)


def run(tmp_path: Path, form: str, docs: str) -> subprocess.CompletedProcess[str]:
    (tmp_path / "headgate.yaml").write_text("version: 2\n")
    return subprocess.run(
        [sys.executable, "-m", "headgate_schema", "check", "--format", form, "headgate.yaml"],
        cwd=tmp_path, capture_output=True, text=True, check=False,
        env={"PYTHONPATH": ":".join(sys.path), "HEADGATE_DOCS_URL": docs},
    )  # fmt: skip


@pytest.mark.parametrize("form", ["full", "json", "github", "sarif"])
def test_the_variable_turns_links_on(form: str, tmp_path: Path) -> None:
    page = "https://docs.example.com/reference/rules/HG1"
    assert page in run(tmp_path, form, "https://docs.example.com/").stdout
    assert page not in run(tmp_path, form, "").stdout


def test_a_variable_that_is_no_address_is_a_usage_error(tmp_path: Path) -> None:
    refused = run(tmp_path, "full", "http://docs.example.com")
    assert (refused.returncode, refused.stdout) == (2, "")
    assert refused.stderr.startswith('headgate-schema: HEADGATE_DOCS_URL: "http://docs.example.com" is not ')
