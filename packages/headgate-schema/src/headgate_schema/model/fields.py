"""Types that several structs share: names, callback paths, constant inputs, secrets, permissions."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from headgate_schema.model.base import text

NAME = "^[a-z](?:[a-z0-9-]{0,38}[a-z0-9])?$"
NO_NAMES = ("all", "none")
"""Words that a dispatch uses beside names, so nothing may be called so."""

BRANCH = "^[A-Za-z0-9][A-Za-z0-9._/-]{0,199}$"
CALLBACK = r"^\.github/workflows/[A-Za-z0-9_][A-Za-z0-9._-]{0,199}\.ya?ml$"

GREATEST_NUMBER = 2**53 - 1
"""Beyond it, numbers lose digits in GitHub's expressions, which are IEEE doubles."""

Name = Annotated[
    str,
    text(
        NAME,
        40,
        "Lower-case letters, digits and hyphens, at most 40; part of file names, job ids and choices.",
    ),
]
CallbackPath = Annotated[
    str,
    text(CALLBACK, 255, "A reusable workflow of this repository, directly in `.github/workflows/`."),
]
BranchName = Annotated[str, text(BRANCH, 200)]

Text = Annotated[str, Meta(max_length=4_096, description="A constant input: text.")]
Number = Meta(ge=-GREATEST_NUMBER, le=GREATEST_NUMBER, description="A constant input: a number.")

# Without a pattern: msgspec 0.22 frees a string's pattern too often where the string may also be a list.
Label = Annotated[str, Meta(min_length=1, max_length=100, description="A runner label.")]

INPUT_NAME = "^[A-Za-z_][A-Za-z0-9_-]*$"
SECRET_NAME = "^[A-Za-z_][A-Za-z0-9_]*$"  # noqa: S105 - a pattern for names of secrets
SCOPE = "^[a-z][a-z-]*$"

InputName = Annotated[str, text(INPUT_NAME, 100)]
InputValue = (
    Text
    | Annotated[int, Number]
    | Annotated[float, Number]
    | Annotated[bool, Meta(description="A constant input: true or false.")]
)
InputMap = dict[InputName, InputValue]

Inputs = Annotated[
    InputMap,
    Meta(
        max_length=100,
        description="Constant inputs, each passed to the callbacks that declare it. "
        "Strings, numbers and booleans, of the type that the callback declares.",
    ),
]

SecretName = Annotated[str, text(SECRET_NAME, 100)]
SecretMap = dict[
    SecretName, Annotated[SecretName, Meta(description="This repository's name for the secret.")]
]
Secrets = Annotated[
    Literal["inherit"] | Annotated[SecretMap, Meta(max_length=100)],
    Meta(
        description="Secrets to pass: a map from the callback's name for a secret to this repository's name "
        "for it, each entry going only to callbacks that declare it; or `inherit` for all of them. Without "
        "it none is passed.",
    ),
]

Scope = Annotated[str, text(SCOPE, 40)]
Access = Annotated[Literal["read", "write", "none"], Meta(description="What is granted for this scope.")]
Permissions = Annotated[
    dict[Scope, Access],
    Meta(
        max_length=50,
        description="What the calling job grants: a map from a scope of `GITHUB_TOKEN` to `read`, `write` "
        "or `none`. Without it, what the callback file declares; if that declares nothing, `contents: read`.",
    ),
]

EnvironmentNames = tuple[Name, ...]
