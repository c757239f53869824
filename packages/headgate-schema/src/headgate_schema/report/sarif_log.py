"""The part of SARIF 2.1.0 that a check needs, as types: what can be built is what the standard allows.

https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/sarif-v2.1.0-errata01-os-complete.html; what of it
GitHub shows: https://docs.github.com/code-security/reference/code-scanning/sarif-files/sarif-support
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import msgspec

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
ROOT = "%SRCROOT%"
"""What paths are relative to. Where that lies is left open: a log should not tell about the machine."""

Level = Literal["error", "warning", "note"]


class _Node(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """What all objects of a log share."""


class Text(_Node, frozen=True, kw_only=True):
    """A text, and the same in Markdown for who can show it."""

    text: str
    markdown: str = ""


class ArtifactLocation(_Node, frozen=True, kw_only=True):
    """A file by its percent-encoded path from the root."""

    uri: str = ""
    uri_base_id: str = ""
    description: Text | None = None


class Region(_Node, frozen=True, kw_only=True):
    """Lines and columns from 1, the end column just after the last character."""

    start_line: int
    start_column: int
    end_line: int
    end_column: int


class PhysicalLocation(_Node, frozen=True, kw_only=True):
    """A file and, if it is about a part of it, which."""

    artifact_location: ArtifactLocation
    region: Region | None = None


class Location(_Node, frozen=True, kw_only=True):
    """A place; a message links to a related one by its ``id``."""

    id: int | None = None
    physical_location: PhysicalLocation
    message: Text | None = None


class Configuration(_Node, frozen=True, kw_only=True):
    """How grave a rule's findings are."""

    level: Level


class Properties(_Node, frozen=True, kw_only=True):
    """What GitHub reads about a rule beyond the standard."""

    tags: tuple[str, ...]
    precision: str
    problem_severity: str = msgspec.field(name="problem.severity")


class Descriptor(_Node, frozen=True, kw_only=True):
    """A rule."""

    id: str
    name: str
    short_description: Text
    full_description: Text
    help: Text
    help_uri: str = ""
    default_configuration: Configuration
    properties: Properties


class Component(_Node, frozen=True, kw_only=True):
    """The program."""

    name: str
    semantic_version: str
    information_uri: str = ""
    rules: tuple[Descriptor, ...]


class Tool(_Node, frozen=True, kw_only=True):
    """What looked."""

    driver: Component


class Notification(_Node, frozen=True, kw_only=True):
    """Something about the check itself."""

    level: Level
    message: Text
    locations: tuple[Location, ...]


class Invocation(_Node, frozen=True, kw_only=True):
    """How the check went."""

    execution_successful: bool
    tool_execution_notifications: tuple[Notification, ...] = ()


class Replacement(_Node, frozen=True, kw_only=True):
    """A piece of text in place of what stands in a region."""

    deleted_region: Region
    inserted_content: Text


class ArtifactChange(_Node, frozen=True, kw_only=True):
    """What a fix does to one file."""

    artifact_location: ArtifactLocation
    replacements: tuple[Replacement, ...]


class Fix(_Node, frozen=True, kw_only=True):
    """A change that makes a finding go away."""

    description: Text
    artifact_changes: tuple[ArtifactChange, ...]
    properties: Mapping[str, bool]


class Result(_Node, frozen=True, kw_only=True):
    """A finding."""

    rule_id: str
    rule_index: int
    level: Level
    message: Text
    locations: tuple[Location, ...]
    related_locations: tuple[Location, ...] = ()
    fixes: tuple[Fix, ...] = ()
    partial_fingerprints: Mapping[str, str]


class Run(_Node, frozen=True, kw_only=True):
    """One check of one or more manifests."""

    tool: Tool
    invocations: tuple[Invocation, ...]
    original_uri_base_ids: Mapping[str, ArtifactLocation]
    column_kind: Literal["unicodeCodePoints"]
    results: tuple[Result, ...]


class Log(_Node, frozen=True, kw_only=True):
    """A SARIF file."""

    schema: str = msgspec.field(name="$schema")
    version: Literal["2.1.0"]
    runs: tuple[Run, ...]
