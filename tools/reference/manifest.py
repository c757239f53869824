"""The page of the manifest: every field, in the words of the schema and of `headgate explain`."""

from __future__ import annotations

from pathlib import Path

from headgate_schema.composer import MAX_DEPTH
from headgate_schema.document import MAX_VALUES
from headgate_schema.examples import read_example
from headgate_schema.json_schema import list_reserved
from headgate_schema.reference import Field, list_fields
from headgate_schema.report.full import MAX_SHOWN
from headgate_schema.text import MAX_BYTES

from tools.reference.markdown import cell, code, page, table

INTRODUCTION = """\
`headgate.yaml` stands at the root of the repository, or at `.github/headgate.yaml`. It is YAML 1.2; unknown
keys are errors, except those that start with `x-`, which are yours in any object and never read. `${{` is an
error in every string. The same facts, for editors and other tools, are in the
[JSON Schema](../schema/v1/manifest.schema.json); a default never changes its meaning within version 1."""

LIMITS = f"""\
## Limits of a file

The manifest, and each callback file, is read up to {MAX_BYTES:,} bytes ([HG004](rules/HG004.md)),
{MAX_VALUES:,} values, those of an alias counted each time it is used ([HG006](rules/HG006.md)), and
{MAX_DEPTH} levels of lists and mappings ([HG005](rules/HG005.md)). A text that breaks YAML's grammar, or
one of these limits, is not checked any further. A duplicate key, a tag, a merge key, a key that is no text,
an infinite number or an invisible character is an error too, but everything that does not rest on it is still
checked. `--format full` shows the first {MAX_SHOWN:,} findings of a file and counts the others."""

TEXTS = """\
## Durations, names, paths

A *duration* is text: whole numbers with a unit, each unit once, the largest first: `10m`, `1h30m`, `90s`,
`2d`; `0s` means none.

A *name* has lower-case letters, digits and hyphens, starts with a letter, does not end in a hyphen, and is
neither `all` nor `none`. A *callback* is a file directly in `.github/workflows/` that ends in `.yaml` or
`.yml`."""


def render(_: Path) -> dict[str, str]:
    """Return the page."""
    objects: dict[str, list[Field]] = {}
    for field in list_fields():
        if not field.reserved:
            objects.setdefault(field.path.rpartition(".")[0], []).append(field)
    sections = [section(name, fields) for name, fields in objects.items()]
    parts = (INTRODUCTION, *sections, TEXTS, LIMITS, example(), reserved())
    return {"docs/reference/manifest.md": page("The manifest", *parts)}


def section(name: str, fields: list[Field]) -> str:
    """Describe the fields of one object, the required ones first."""
    rows = [
        (code(field.path.rpartition(".")[2]), kind(field), default(field), cell(field.description))
        for field in sorted(fields, key=lambda field: not field.is_required)
    ]
    title = code(name) if name else "Top level"
    return f"## {title}\n\n{table(('field', 'type', 'default', 'meaning'), rows)}"


def kind(field: Field) -> str:
    """Name a field's type and bounds."""
    return cell(", ".join(filter(None, (field.type, field.bounds))))


def default(field: Field) -> str:
    """Say what holds when the field is left out."""
    return "required" if field.is_required else code(field.default or "")


def example() -> str:
    """Show the manifest that `headgate explain` takes its examples from."""
    return f"## Every field once\n\n```yaml\n{read_example().text}```"


def reserved() -> str:
    """List the names that mean nothing yet and are refused."""
    listed = list_reserved()
    rows = [
        (where, code(name), cell(purpose))
        for where, keys in listed["keys"].items()
        for name, purpose in keys.items()
    ]
    rows += [("strategy", code(name), cell(purpose)) for name, purpose in listed["strategies"].items()]
    head = "## Reserved\n\nThese names are refused (HG190): they will get a meaning in a later minor version."
    return f"{head}\n\n{table(('in', 'name', 'for'), rows)}"
