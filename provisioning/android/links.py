"""Which link domains and URL schemes apps claim, what Android knows of their certificates, and web apps' addresses."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

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
_LEGACY_PACKAGE = re.compile(r"^  Package: (\S+)$")
_LEGACY_DOMAINS = re.compile(r"^  Domains:(.*)$")
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


def read_app_links(text: str) -> dict[str, AppLinks]:
    """Read ``pm get-app-links`` (``DomainVerificationDebug.printState``, One UI 6.1).

    An app with several signers gives the first. Raises Unreadable where a package comes twice.
    """
    found: dict[str, AppLinks] = {}
    name: str | None = None
    domains: list[str] = []
    certificate: str | None = None
    in_state = False

    def keep() -> None:
        if name is not None:
            if name in found:
                raise Unreadable(f"the links of {name} come twice")
            found[name] = AppLinks(tuple(sorted(set(domains))), certificate)

    for line in lines(text):
        head = _PACKAGE_LINE.match(line)
        if head is not None:
            keep()
            name, domains, certificate, in_state = package_name(head[1]), [], None, False
            continue
        signatures = _SIGNATURES.match(line)
        if signatures is not None and certificate is None:
            certificate = signatures[1].replace(":", "").lower()
        elif line.startswith("    ") and not line.startswith("     "):
            in_state = line == "    Domain verification state:"
        elif in_state and len(domains) < MOST_PER_APP:
            domain = _DOMAIN.match(line)
            if domain is not None:
                domains.append(domain[1].lower())
    keep()
    return found


def read_legacy_links(text: str) -> dict[str, AppLinks]:
    """Read the verified apps out of ``dumpsys package domain-preferred-apps`` (Android 10 and 11)."""
    found: dict[str, AppLinks] = {}
    name: str | None = None
    for line in lines(text):
        package = _LEGACY_PACKAGE.match(line)
        domains = _LEGACY_DOMAINS.match(line)
        if package is not None:
            name = package_name(package[1])
        elif domains is not None and name is not None:
            known = found[name].domains if name in found else ()
            named = {domain.lower() for domain in domains[1].split()[:MOST_PER_APP]}
            found[name] = AppLinks(tuple(sorted(named.union(known))))
            name = None
    return found


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

    It is the page's scope (``https://m.facebook.com/``), which for most sites is where it starts too; the exact start
    address lies in the APK's meta-data only. None where it has no such filter.
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
