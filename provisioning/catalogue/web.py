"""Web addresses: which host a page is on, and whose it is by the longest address that covers it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from urllib.parse import urlsplit

from provisioning.catalogue.entries import Site

LONGEST = 2048
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*:", re.IGNORECASE)


def host_of(url: str) -> str | None:
    r"""Give the host that a browser would go to, in ASCII and lower case; None where the address names none.

    Browsers drop line breaks and tabs, take a backslash for a slash and what stands before ``@`` for a user name
    (WHATWG URL), so ``https://tiktok.com\@bbc.co.uk`` and its like are read as they read them.
    """
    text = "".join(c for c in url[:LONGEST] if unicodedata.category(c)[0] != "C").strip().replace("\\", "/")
    if not _SCHEME.match(text) or "://" not in text:
        text = f"https://{text.lstrip('/')}" if not text.startswith("/") or text.startswith("//") else text
    try:
        host = urlsplit(text).hostname
    except ValueError:
        return None
    if not host or "." not in host.strip("."):
        return None
    host = unicodedata.normalize("NFKC", host).replace("。", ".").rstrip(".").lower()
    try:
        return host.encode("idna").decode("ascii")
    except UnicodeError:
        return host


def site_of(host: str, sites: Mapping[str, Site]) -> Site | None:
    """Find the site that covers ``host``: itself or the nearest address above it; never a part of a label."""
    return next((sites[address] for address in _upwards(host) if address in sites), None)


def _upwards(host: str) -> Iterator[str]:
    while host:
        yield host
        _, _, host = host.partition(".")
