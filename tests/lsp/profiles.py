"""What the editors of these tests say they can do, as they say it themselves.

VS Code and Neovim come with pytest-lsp; Helix from its source (`helix-lsp/src/client.rs`, version 25.01), the
parts that matter to a server.
"""

from __future__ import annotations

from lsprotocol import types
from lsprotocol.converters import get_converter
from pytest_lsp import client_capabilities

HELIX = {
    "general": {"positionEncodings": ["utf-8", "utf-32", "utf-16"]},
    "workspace": {
        "applyEdit": True,
        "workspaceFolders": True,
        "workspaceEdit": {
            "documentChanges": True,
            "resourceOperations": ["create", "rename", "delete"],
            "failureHandling": "abort",
            "normalizesLineEndings": False,
        },
        "didChangeWatchedFiles": {"dynamicRegistration": True, "relativePatternSupport": False},
    },
    "textDocument": {
        "rename": {"dynamicRegistration": False, "prepareSupport": True},
        "codeAction": {
            "codeActionLiteralSupport": {
                "codeActionKind": {"valueSet": ["", "quickfix", "refactor", "source", "source.fixAll"]}
            },
            "isPreferredSupport": True,
            "disabledSupport": True,
            "dataSupport": True,
            "resolveSupport": {"properties": ["edit", "command"]},
        },
        "publishDiagnostics": {"versionSupport": True, "tagSupport": {"valueSet": [1, 2]}},
    },
}
"""Helix reads nested symbols, and says nowhere that it does."""

# An editor that says nothing but how it counts.
PLAIN = {"general": {"positionEncodings": ["utf-32"]}}

PROFILES = {"vscode": "utf-16", "neovim": "utf-8", "helix": "utf-8", "plain": "utf-32"}
"""Editors, and how the server and they agree to count."""


def read_profile(name: str) -> types.ClientCapabilities:
    """Give what an editor says it can do."""
    match name:
        case "vscode":
            return client_capabilities("visual-studio-code")
        case "neovim":
            return client_capabilities("neovim")
        case _:
            given = HELIX if name == "helix" else PLAIN
            return get_converter().structure(given, types.ClientCapabilities)
