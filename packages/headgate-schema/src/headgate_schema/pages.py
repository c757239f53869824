"""Where the documentation of a code lies: within the site, and at its full address when that is known.

The site has no address of its own to name here: who serves it says where, in ``HEADGATE_DOCS_URL``.
"""

from __future__ import annotations

import re

from headgate_schema.failure import SchemaError

_ADDRESS = re.compile(
    r"https://[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?(?::[0-9]{1,5})?(?:/[A-Za-z0-9._~%!$&'()*+,;=:@-]+)*/*"
)


def find_page(code: str, base: str | None = None) -> str:
    """Give the page of a code: relative to the documentation site or, with its address, in full."""
    page = f"reference/rules/{code}.html"
    return f"{base}/{page}" if base else page


def read_base(address: str) -> str:
    """Read the address of the documentation site, as ``find_page`` takes it; raises ``SchemaError``.

    Only ``https`` without user, query or fragment: it is printed, and clicked, in other people's logs.
    """
    if not _ADDRESS.fullmatch(address):
        from headgate_schema.wording import quote

        raise SchemaError(
            f"{quote(address)} is not the address of a site: "
            "https://, a host and, if needed, a path without query or fragment"
        )
    return address.rstrip("/")
