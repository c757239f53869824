"""A real Neovim, configured with the lines of the page, shows what is wrong in a manifest."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

from tests.lsp.editor import write_files

PAGE = Path(__file__).parents[2] / "docs/guides/editors.md"
NEOVIM = shutil.which("nvim")
MANIFEST = "# 🚦\nversion: 1\nenvironments: [dev]\ndeploys:\n  - {x-🚦: 🚦, nmae: app}\n"
CALLBACK = "on: workflow_call\njobs: {}\n"
ASK = """
local function shown(count)
  local done = vim.wait(20000, function() return #vim.diagnostic.get(0) == count end, 20)
  assert(done, "not " .. count .. " diagnostics but " .. vim.inspect(vim.diagnostic.get(0)))
  return vim.diagnostic.get(0)
end
local answer = { first = shown(1) }
vim.api.nvim_buf_set_lines(0, 4, 5, false, { "  - {x-🚦: 🚦, name: app}" })
answer.second = shown(0)
vim.api.nvim_win_set_cursor(0, { 5, 25 })
local client = (vim.lsp.get_clients or vim.lsp.get_active_clients)()[1]
local params = vim.lsp.util.make_position_params(0, client.offset_encoding)
local found = vim.lsp.buf_request_sync(0, "textDocument/definition", params, 20000)
for _, each in pairs(found) do answer.definition = each.result end
io.stdout:write(vim.fn.json_encode(answer))
"""


def list_blocks() -> list[str]:
    return re.findall(r"^```lua\n(.*?)^```$", PAGE.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)


def find_version() -> tuple[int, int]:
    printed = subprocess.run([str(NEOVIM), "--version"], capture_output=True, text=True, check=True).stdout
    found = re.search(r"v(\d+)\.(\d+)", printed)
    assert found, printed
    return int(found[1]), int(found[2])


def require_neovim() -> None:
    """Skip on a desk without Neovim; where it was said to be there, its lack is a failure."""
    if NEOVIM is None:
        if "CI" in os.environ and os.environ.get("HEADGATE_EDITORS_REQUIRED") == "1":
            pytest.fail("nvim is not there, and HEADGATE_EDITORS_REQUIRED says that it has to be")
        pytest.skip("nvim is not there: the lines for it on the page are not tried")


def run_neovim(folder: Path, configuration: str) -> dict[str, Any]:
    """Open the manifest of a folder in Neovim and give what it was told."""
    program = f'#!/bin/sh\nexec "{sys.executable}" -m headgate_schema "$@"\n'
    write_files(folder, {"init.lua": configuration, "ask.lua": ASK, "bin/headgate-schema": program})
    (folder / "bin/headgate-schema").chmod(0o755)
    homes = {name: str(folder / "home") for name in ("HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME")}
    path = f"{folder / 'bin'}{os.pathsep}{os.environ['PATH']}"
    command = [str(NEOVIM), "--headless", "-n", "-u", str(folder / "init.lua"), "headgate.yaml"]
    ran = subprocess.run(
        [*command, "-c", f"luafile {folder / 'ask.lua'}", "-c", "qall!"],
        cwd=folder / "repository",
        env={**os.environ, **homes, "XDG_DATA_HOME": str(folder / "home"), "PATH": path},
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert ran.stdout.startswith("{"), ran.stdout + ran.stderr
    answer = json.loads(ran.stdout)
    assert isinstance(answer, dict)
    return answer


def test_the_lines_of_the_page_bring_diagnostics_into_neovim(tmp_path: Path) -> None:
    require_neovim()
    newer, older = list_blocks()
    write_files(
        tmp_path / "repository",
        {"headgate.yaml": MANIFEST, ".github/workflows/deploy-app.yaml": CALLBACK, ".git/HEAD": ""},
    )
    answer = run_neovim(tmp_path, newer if find_version() >= (0, 11) else older)
    (first,) = answer["first"]
    assert (first["lnum"], first["code"], first["source"]) == (4, "HG101", "headgate")
    line = MANIFEST.splitlines()[4].encode()  # Neovim shows places as bytes of the line
    assert line[first["col"] : first["end_col"]] == b"nmae"
    assert answer["second"] == []
    assert [each["uri"].rpartition("/")[2] for each in answer["definition"]] == ["deploy-app.yaml"]


def test_the_lines_for_other_editors_can_be_read_and_name_the_command() -> None:
    page = PAGE.read_text(encoding="utf-8")
    found = re.findall(r"^```(json|toml)\n(.*?)^```$", page, re.DOTALL | re.MULTILINE)
    read = [json.loads(text) if kind == "json" else tomllib.loads(text) for kind, text in found]
    helix = next(each["language-server"]["headgate"] for each in read if "language-server" in each)
    code = next(each for each in read if "glspc.server.command" in each)
    assert (helix["command"], helix["args"]) == ("headgate-schema", ["lsp"])
    assert (code["glspc.server.command"], code["glspc.server.commandArguments"]) == (
        "headgate-schema",
        ["lsp"],
    )


def test_the_page_has_lines_for_both_kinds_of_neovim() -> None:
    newer, older = list_blocks()
    assert "vim.lsp.enable" in newer
    assert "start_client" in older
