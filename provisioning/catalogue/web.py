"""Web addresses: which host a page is on, and whose it is by the longest address that covers it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from urllib.parse import unquote, urlsplit

from provisioning.catalogue.entries import Site
from provisioning.catalogue.identifiers import fold

LONGEST = 2048
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*:", re.IGNORECASE)
_SPECIAL = re.compile(r"(https?|wss?|ftp):/*", re.IGNORECASE)
"""Schemes behind which a browser takes any number of slashes, and none, for two."""
_LED_TO = re.compile(r"(?:=|//)([a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63})+)")
_OPENS_ANYTHING = frozenset({"shortcuts", "workflow", "data", "javascript"})
"""Schemes of addresses that are a program: Apple's Shortcuts under both of its names, a page within the address."""
_SHORTENERS = frozenset(
    {"amzn.to", "bit.do", "bit.ly", "buff.ly", "cutt.ly", "fb.me", "goo.gl", "ift.tt", "is.gd", "lnkd.in", "ow.ly",
     "rb.gy", "rebrand.ly", "shorturl.at", "t.co", "t.ly", "tiny.cc", "tinyurl.com", "urlz.fr", "v.gd"}
)  # fmt: skip
"""Hosts whose addresses lead elsewhere without saying where."""
_PASSES_ON = re.compile(
    r"(?:(?:[a-z]+\.)?facebook\.com/(?:l\.php|flx/warn)|lm?\.(?:facebook|messenger|instagram)\.com/|out\.reddit\.com/|"
    r"(?:www\.|m\.)?youtube\.com/redirect|(?:www\.)?google\.[a-z.]{2,6}/url|(?:m\.)?vk\.com/away(?:\.php)?|"
    r"away\.vk\.com/|(?:www\.)?linkedin\.com/(?:redir|safety/go)|steamcommunity\.com/linkfilter)"
)
"""Pages that pass a browser on to the address in them."""
_TRANSLATED = ".translate.goog"
"""Google Translate serves www.example.com as www-example-com.translate.goog, a hyphen as two."""
MOST_MENTIONED = 20


def host_of(url: str) -> str | None:
    r"""Give the host that a browser would go to, in ASCII and lower case; None where the address names none.

    Browsers drop line breaks and tabs, take a backslash for a slash and what stands before ``@`` for a user name
    (WHATWG URL), so ``https://tiktok.com\@bbc.co.uk`` and its like are read as they read them.
    """
    text = "".join(c for c in url[:LONGEST] if unicodedata.category(c)[0] != "C").strip().replace("\\", "/")
    text = _SPECIAL.sub(lambda found: f"{found[1]}://", text, count=1) if _SPECIAL.match(text) else text
    if not _SCHEME.match(text) or "://" not in text:
        text = f"https://{text.lstrip('/')}" if not text.startswith("/") or text.startswith("//") else text
    try:
        host = urlsplit(text).hostname
    except ValueError:
        return None
    host = unicodedata.normalize("NFKC", host or "").replace("。", ".").replace("｡", ".").rstrip(".").lower()
    if "." not in host.strip("."):
        return None
    try:
        return host.encode("idna").decode("ascii")
    except UnicodeError:
        return host


def mentioned(url: str, host: str | None) -> Iterator[str]:
    """Give further hosts that an address leads to or looks like: behind a translator, an archive, a redirection.

    A host behind ``//`` or ``=`` counts, as do letters that only look Latin; a mere part of a path does not.
    """
    if host is not None and host.endswith(_TRANSLATED):
        yield host.removesuffix(_TRANSLATED).replace("--", "\0").replace("-", ".").replace("\0", "-")
    if host is not None and "xn--" in host:
        try:
            yield fold(host.encode("ascii").decode("idna"))
        except UnicodeError:
            pass
    text = unquote(unquote(url[:LONGEST])).lower()
    found = dict.fromkeys(one for one in _LED_TO.findall(text) if one != host)
    yield from list(found)[:MOST_MENTIONED]


def opens_unseen(url: str) -> str:
    """Say why an address does not tell what it opens; empty where it does, which it does for most."""
    text = "".join(c for c in url[:LONGEST] if unicodedata.category(c)[0] not in "CZ")
    if text.partition(":")[0].lower() in _OPENS_ANYTHING:
        return "it is a program that can open any page and any app"
    host = host_of(text)
    if host is None:
        return ""
    if host.removeprefix("www.") in _SHORTENERS:
        return "it is a short address that leads to another one"
    path = urlsplit(text if "://" in text else f"https://{text}").path
    if _PASSES_ON.match(f"{host}{path}".lower()):
        targets = list(mentioned(text, host))
        if not targets or any(target.removeprefix("www.") in _SHORTENERS for target in targets):
            return "it passes on to an address that cannot be read in it"
    return ""


def site_of(host: str, sites: Mapping[str, Site]) -> Site | None:
    """Find the site that covers ``host``: itself or the nearest address above it; never a part of a label."""
    return next((sites[address] for address in _upwards(host) if address in sites), None)


def _upwards(host: str) -> Iterator[str]:
    while host:
        yield host
        _, _, host = host.partition(".")
