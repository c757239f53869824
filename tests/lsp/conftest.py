"""The language server as its editors drive it: started as a program, spoken to in the protocol; once per
module and editor, with a repository per test.
"""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio
from lsprotocol import types

from tests.lsp.editor import Connection, Editor, write_files
from tests.lsp.profiles import PROFILES, read_profile

__all__ = ["Editor", "write_files"]


@pytest_asyncio.fixture(params=PROFILES, scope="module", loop_scope="module")
async def connection(request: pytest.FixtureRequest) -> AsyncIterator[Connection]:
    """A server that an editor has started."""
    client = Connection()
    await client.start_io(sys.executable, "-m", "headgate_schema", "lsp")
    answered = await client.initialize_session(
        types.InitializeParams(capabilities=read_profile(request.param))
    )
    assert answered.capabilities.position_encoding == PROFILES[request.param]
    yield client
    await client.shutdown_session()
    await client.stop()


@pytest.fixture
def editor(connection: Connection, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Editor]:
    """An editor of each kind, with an empty repository open."""
    profile = request.node.callspec.params["connection"]
    write_files(tmp_path, {".git/HEAD": "", ".github/workflows/.keep": ""})
    editor = Editor(connection, profile, PROFILES[profile], tmp_path)
    yield editor
    for file in list(editor.texts):
        editor.close(file)
