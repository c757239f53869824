"""yaml-language-server, which most editors use: started as an editor would, without a network."""

from __future__ import annotations

from pathlib import Path

from tests.e2e.node import ensure_node_packages, node_program
from tests.editors.client import Client, Settings

GUARD = Path(__file__).parent / "no_network.cjs"
"""What a Node program is given to load first, so that it gets no connection."""

OFFLINE: Settings = {"yaml": {"schemaStore": {"enable": False}}}
"""What a user sets who wants nothing fetched."""


def start_yaml_server(root: Path, settings: Settings, connections: Path) -> Client:
    """Start it for a folder; every connection it wants is refused and becomes a line of a file.

    Raises `NodeMissing`.
    """
    program = ensure_node_packages() / "node_modules/yaml-language-server/bin/yaml-language-server"
    connections.touch()
    return Client(
        [node_program(), f"--require={GUARD}", str(program), "--stdio"],
        root,
        settings,
        {"HEADGATE_CONNECTIONS": str(connections)},
    )
