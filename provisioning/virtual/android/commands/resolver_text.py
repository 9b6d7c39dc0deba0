"""The resolver tables of ``dumpsys package``: which activity answers which link.

``IntentResolver.dumpMap`` and ``IntentFilter.dump`` (One UI 6.1): with a package name each filter is spelled out
(schemes, authorities, AutoVerify), without one only the component is named.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable
from urllib.parse import urlsplit

from provisioning.virtual.android.state.java_order import array_map_order
from provisioning.virtual.android.state.packages import PackageFacts, PackageSetting

_WEB_APK_ACTIVITY = "org.chromium.webapk.shell_apk.h2o.H2OOpaqueMainActivity"
_VIEW = 'Action: "android.intent.action.VIEW"'
_CATEGORIES = ("android.intent.category.DEFAULT", "android.intent.category.BROWSABLE")


def activity_resolver(settings: Iterable[PackageSetting], spelled_out: bool) -> str:
    """Print the activity table of these packages; empty where none answers a link."""
    schemes: dict[str, list[PackageFacts]] = {}
    admins: list[PackageFacts] = []
    for setting in settings:
        facts = setting.facts
        for scheme in (*(("http", "https") if hosts(facts) else ()), *facts.url_schemes):
            schemes.setdefault(scheme, []).append(facts)
        if facts.admin_service:
            admins.append(facts)
    if not schemes:
        return ""
    text = "Activity Resolver Table:\n  Schemes:\n"
    for scheme in array_map_order(schemes):
        text += f"      {scheme}:\n"
        for facts in schemes[scheme]:
            text += _entry(facts, scheme, spelled_out)
    return text + "\n"


def receiver_resolver(settings: Iterable[PackageSetting], spelled_out: bool) -> str:
    """Print which receivers could be device admins."""
    action = "android.app.action.DEVICE_ADMIN_ENABLED"
    lines = ""
    for setting in settings:
        for admin in setting.facts.admins:
            if not admin.described:
                continue
            component = _component(setting.name, admin.name)
            tail = f" filter {_hash(component + 'f')}" if spelled_out else ""
            lines += f"        {_hash(component)} {component}{tail}\n"
            if spelled_out:
                lines += f'          Action: "{action}"\n'
    return f"Receiver Resolver Table:\n  Non-Data Actions:\n      {action}:\n{lines}\n" if lines else ""


def hosts(facts: PackageFacts) -> tuple[str, ...]:
    """Give the web hosts that a package answers: its link domains, and a web app's own site."""
    site = urlsplit(facts.web_start_url).hostname if facts.web_start_url else None
    return (*facts.link_domains, *((site,) if site and site not in facts.link_domains else ()))


def _entry(facts: PackageFacts, scheme: str, spelled_out: bool) -> str:
    activity = _WEB_APK_ACTIVITY if facts.web_start_url else f"{facts.name}.MainActivity"
    component = _component(facts.name, activity)
    if not spelled_out:
        return f"        {_hash(component)} {component}\n"
    text = f"        {_hash(component)} {component} filter {_hash(component + scheme)}\n          {_VIEW}\n"
    text += "".join(f'          Category: "{category}"\n' for category in _CATEGORIES)
    if scheme not in {"http", "https"}:
        return text + f'          Scheme: "{scheme}"\n'
    text += '          Scheme: "http"\n          Scheme: "https"\n'
    text += "".join(
        f'          Authority: "{host}": -1{" WILD" if host.startswith("*") else ""}\n' for host in hosts(facts)
    )
    if facts.web_start_url:
        path = urlsplit(facts.web_start_url).path or "/"
        text += f'          Path: "PatternMatcher{{PREFIX: {path}}}"\n'
    return text + ("          AutoVerify=true\n" if facts.link_domains else "")


def _component(package: str, name: str) -> str:
    return f"{package}/{name[len(package) :] if name.startswith(package + '.') else name}"


def _hash(text: str) -> str:
    return f"{zlib.crc32(text.encode('utf-8', 'surrogatepass')) & 0xFFFFFFF:x}"
