"""Which link domains and URL schemes apps claim, what Android knows of their certificates, and web apps' addresses."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from provisioning.android.reading import Unreadable, lines, package_name

SCHEMES_COMMAND = "dumpsys -t 60 package resolvers activity"
"""Without ``-f``: names of schemes and activities only, some 300 kB instead of several MB with every filter."""
APP_LINKS_COMMAND = "pm get-app-links"
"""Android 12 on; without a package it tells of all that verify a domain, with the SHA-256 of their certificates."""
LEGACY_LINKS_COMMAND = "dumpsys -t 60 package domain-preferred-apps"
"""Android 10 and 11."""
APP_LINKS_SDK = 31

MOST_PER_APP = 512
_PACKAGE_LINE = re.compile(r"^  ([A-Za-z0-9_.\-]+): ?$")
_SIGNATURES = re.compile(r"^    Signatures: \[((?:[0-9A-F]{2}:){31}[0-9A-F]{2})(?:, .*)?\]$")
_DOMAIN = re.compile(r"^      (\S{1,253}): \S.*$")
_LEGACY = re.compile(
    r"^(?:|  Package: (?P<package>\S+)|  Domains:(?P<domains>.*)|  Status: .*|App verification status:|No applications!"
    r"|No domain preferred apps!"
    r"|App linkages for user \d+:|  No (?:app verification established|configured app linkages)\.)$"
)
_SCHEME = re.compile(r"^      (\S{1,255}):$")
_ACTIVITY = re.compile(r"^        [0-9a-f]{1,8} ([A-Za-z0-9_.\-]+)/")
_TABLE = "Activity Resolver Table:"
_SECTION = re.compile(r"^  ([A-Z][A-Za-z -]+):$")
_FILTER_LINE = re.compile(r"^          (Action|Scheme|Authority|Path): \"(.*)\"(?:: (-?\d+))?(?: WILD)?$")
_PATTERN = re.compile(r"^PatternMatcher\{(?:LITERAL|PREFIX): (/[^\s\"]*)\}$")
_HOST = re.compile(r"[A-Za-z0-9.\-]{1,253}")
_WEB_APK = re.compile(r"(?:^|\.)webapk\.")


@dataclass(frozen=True, slots=True)
class AppLinks:
    """What Android's domain verification knows of one app; ``certificate_sha256`` in lower-case hex."""

    domains: tuple[str, ...]
    certificate_sha256: str | None = None


@dataclass(slots=True)
class _Draft:
    certificate: str | None = None
    domains: set[str] = field(default_factory=set[str])
    in_state: bool = False


def app_links_command(sdk: int) -> str:
    """Give the command that tells of link domains on an Android of that API level."""
    return APP_LINKS_COMMAND if sdk >= APP_LINKS_SDK else LEGACY_LINKS_COMMAND


def read_app_links(text: str) -> dict[str, AppLinks]:
    """Read ``pm get-app-links`` (``DomainVerificationDebug.printState``, One UI 6.1).

    An app with several signers gives the first. Lines below a package that are not known are left, for later releases
    add some. Raises Unreadable where a line belongs to no package or a package comes twice.
    """
    found: dict[str, _Draft] = {}
    draft: _Draft | None = None
    for line in lines(text):
        head = _PACKAGE_LINE.match(line)
        if head is not None:
            draft = _Draft()
            if found.setdefault(package_name(head[1]), draft) is not draft:
                raise Unreadable(f"the links of {head[1]} come twice")
        elif line.strip():
            if draft is None or not line.startswith("    "):
                raise Unreadable("not a list of link domains")
            _take_link(draft, line)
    return {name: AppLinks(tuple(sorted(one.domains)), one.certificate) for name, one in found.items()}


def _take_link(draft: _Draft, line: str) -> None:
    signatures = _SIGNATURES.match(line)
    domain = _DOMAIN.match(line) if draft.in_state else None
    if signatures is not None and draft.certificate is None:
        draft.certificate = signatures[1].replace(":", "").lower()
    elif not line.startswith("     "):
        draft.in_state = line == "    Domain verification state:"
    elif domain is not None and len(draft.domains) < MOST_PER_APP:
        draft.domains.add(domain[1].lower())


def read_legacy_links(text: str) -> dict[str, AppLinks]:
    """Read the verified apps out of ``dumpsys package domain-preferred-apps`` (Android 10, 11). Raises Unreadable."""
    found: dict[str, set[str]] = {}
    name: str | None = None
    for line in lines(text):
        part = _LEGACY.match(line)
        if part is None:
            raise Unreadable("not a list of link domains")
        if part["package"]:
            name = package_name(part["package"])
        elif part["domains"] is not None and name is not None:
            known = found.setdefault(name, set())
            known.update(domain.lower() for domain in part["domains"].split()[: MOST_PER_APP - len(known)])
    return {name: AppLinks(tuple(sorted(domains))) for name, domains in found.items()}


def read_schemes(text: str) -> dict[str, tuple[str, ...]]:
    """Read which packages claim which URL schemes out of the activity resolver table.

    Android prints nothing for a table, and no title for a section, that holds nothing (``IntentResolver.dump``).
    A scheme is an app's own text. One with line feeds could end the section early; the section's own title or the
    next one then comes twice, which is Unreadable.
    """
    if not text.strip():
        return {}
    rows = lines(text)
    if _TABLE not in rows:
        raise Unreadable("not a table of activities")
    rows = rows[rows.index(_TABLE) + 1 :]
    if any(row and not row.startswith(" ") for row in rows):
        raise Unreadable("the activity table goes on with something else")
    titles = [section[1] for section in map(_SECTION.match, rows) if section is not None]
    if len(titles) != len(set(titles)):
        raise Unreadable("a section of the activity table comes twice")
    if "Schemes" not in titles:
        return {}
    found: dict[str, set[str]] = {}
    scheme: str | None = None
    for line in rows[rows.index("  Schemes:") + 1 :]:
        if _SECTION.match(line):
            break
        head = _SCHEME.match(line)
        activity = _ACTIVITY.match(line)
        if head is not None:
            scheme = head[1].lower()
        elif activity is not None and scheme is not None:
            claimed = found.setdefault(package_name(activity[1]), set())
            if len(claimed) < MOST_PER_APP:
                claimed.add(scheme)
    return {name: tuple(sorted(claimed)) for name, claimed in found.items()}


def is_web_apk(package: str) -> bool:
    """True for an app that a browser made from a web page (Chrome: ``org.chromium.webapk.a0123456789abcdef_v2``)."""
    return _WEB_APK.search(package) is not None


def filters_command(package: str) -> str:
    """Give the command whose dump holds the intent filters of one package."""
    return f"dumpsys -t 20 package {package}"


def read_web_address(text: str) -> str | None:
    """Give the address that a web app opens for, from its VIEW filter: scheme, host and path.

    It is the page's scope (``https://m.facebook.com/``); where it starts, its APK alone says (``web_manifest``). None
    where it has no such filter.
    """
    filters: list[Mapping[str, list[str]]] = []
    for line in lines(text):
        if line.startswith("        ") and not line.startswith("         "):
            filters.append({"Action": [], "Scheme": [], "Authority": [], "Path": []})
            continue
        part = _FILTER_LINE.match(line)
        if part is not None and filters:
            filters[-1][part[1]].append(part[2])
    for parts in filters:
        hosts = [host for host in parts["Authority"] if _HOST.fullmatch(host)]
        if hosts and set(parts["Scheme"]) & {"http", "https"}:
            scheme = "https" if "https" in parts["Scheme"] else "http"
            paths = [path[1] for path in map(_PATTERN.match, parts["Path"]) if path is not None]
            return f"{scheme}://{hosts[0].lower()}{paths[0] if paths else '/'}"
    return None
