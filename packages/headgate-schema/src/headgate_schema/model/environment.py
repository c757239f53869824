"""One place in the promotion chain."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import UNSET, Meta, UnsetType

from headgate_schema.model.base import Model, text
from headgate_schema.model.fields import Name

URL = "^https?://[!-~]+$"

Promotion = Literal["auto", "manual"]


class Environment(Model, frozen=True, kw_only=True):
    """One environment of the promotion chain, in its long form; the short form is its name alone."""

    name: Annotated[Name, Meta(description="The environment's name.")]
    promotion: (
        Annotated[
            Promotion,
            Meta(
                description="`auto`: a release comes here by itself as soon as every deploy of this "
                "environment may enter it (it was promoted, bake over, in the previous environment that has "
                "the deploy; for the first environment: it is registered). `manual`: a person promotes it. "
                "Default: `auto` for the first environment, `manual` for the others.",
            ),
        ]
        | UnsetType
    ) = UNSET
    url: (
        Annotated[
            str,
            text(URL, 2_048, "Where to look at it; shown in summaries."),
        ]
        | UnsetType
    ) = UNSET
