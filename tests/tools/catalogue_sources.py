"""Read public lists of app identifiers from local copies, as facts: who names which identifier, and what they call it.

A folder of copies holds one folder a source, named ``owner+repository`` with the files where the source keeps them.
Of a repository that is only a folder of icons named by identifier, the file names stand in ``IconBundles.txt``.
"""

from __future__ import annotations

import csv
import html
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

from tests.tools.catalogue_witnesses import TITLES as WITNESSES
from tests.tools.catalogue_witnesses import witnesses

ICON_PACKS = {
    "lawnicons": ("LawnchairLauncher+lawnicons/app/assets/appfilter.xml", "name"),
    "delta": ("Delta-Icons+android/app/src/main/assets/appfilter.xml", "drawable"),
    "materialos": ("materialos+android-icon-pack/app/src/main/assets/appfilter.xml", "drawable"),
    "pitched": ("PitchedApps+Pitched-Icons/app/src/main/res/xml/appfilter.xml", "drawable"),
    "snow": ("baitmooth+snow/newicons/appfilter.xml", "drawable"),
    "kuan": ("ChiBei+KUAN-iconpack/app/src/main/assets/appfilter.xml", "drawable"),
}
TITLES = {
    "lawnicons": "LawnchairLauncher/lawnicons appfilter.xml",
    "delta": "Delta-Icons/android appfilter.xml",
    "materialos": "materialos/android-icon-pack appfilter.xml",
    "papirus": "PapirusDevelopmentTeam/papirus_icons data.json",
    "pitched": "PitchedApps/Pitched-Icons appfilter.xml",
    "snow": "baitmooth/snow appfilter.xml",
    "idtheming": "idtheming/idtheming.github.io bundle ids",
    "kuan": "ChiBei/KUAN-iconpack appfilter.xml",
    "smartisan": "Sunbelife/Snowboard-IconPack-for-Smartisan-OS icon names",
    "arcticons": "Arcticons (petlyh/Arcticons) appfilter.xml",
    "appscan": "leverdeterre/shakeMyApps-appScan-blog, App Store apps by identifier",
    "uad": "Universal-Debloater-Alliance uad_lists.json",
    "debloat": "MuntashirAkon/android-debloat-list",
    "gkd": "gkd-kit/subscription",
    "itunes-no": "olekenneth/appstore iTunes lookups",
    "trollstore": "swaggyP36000/TrollStore-IPAs bundleId.csv",
    "iconlibrary": "sooyaaabo/IconLibrary icon names",
    "ios-app-info": "WengYuehTing/iOS-app-info",
    "info-plists": "guicfreitas/ios-apps-dataset-builder Info.plists",
    "apple": "petarov/apple-bundle-ids",
    "aleapp": "abrignoni/ALEAPP artifacts",
    "ileapp": "abrignoni/iLEAPP artifacts",
    "dev": "devsources.tsv (lead's list; each line with its own source)",
    "firmware": "firmware images, inventories of their packages",
    "isdi": "stopipv/isdi Browse of a real iPhone",
    **WITNESSES,
}
Facts = dict[tuple[str, str], "Fact"]


@dataclass
class Fact:
    """What is known of one identifier on one platform; ``names`` by the source that says so."""

    identifier: str
    sources: set[str] = field(default_factory=set[str])
    names: dict[str, str] = field(default_factory=dict[str, str])
    genre: str | None = None
    item_id: int | None = None


def read(copies: Path, reference: Path) -> Facts:
    """Read every source that is there."""
    facts: Facts = {}

    def say(source: str, platform: str, identifier: str, name: str | None = None) -> Fact:
        fact = facts.setdefault((platform, identifier.casefold()), Fact(identifier))
        fact.sources.add(source)
        if name and source not in fact.names:
            fact.names[source] = html.unescape(name)
        return fact

    _android(copies, say)
    _ios(copies, say)
    _forensics(copies, say)
    _reference(reference, say)
    for source, platform, identifier in witnesses(copies):
        say(source, platform, identifier)
    return {key: fact for key, fact in facts.items() if _plausible(key[1])}


def _android(copies: Path, say: Any) -> None:
    for source, (path, attribute) in ICON_PACKS.items():
        for identifier, name in _icon_pack(copies / path, attribute):
            say(source, "android", identifier, name)
    for components in _json(copies / "PapirusDevelopmentTeam+papirus_icons/data.json", {}).values():
        for component in components:
            say("papirus", "android", component.partition("/")[0])
    for identifier, name in _commented(copies / "petlyh+Arcticons/app/src/main/assets/appfilter.xml"):
        say("arcticons", "android", identifier, name)
    for identifier in _json(
        copies
        / "Universal-Debloater-Alliance+universal-android-debloater-next-generation/resources/assets/uad_lists.json",
        {},
    ):
        say("uad", "android", identifier)
    folder = copies / "MuntashirAkon+android-debloat-list"
    for path in sorted([*folder.glob("*.json"), *folder.glob("suggestions/*.json")]):
        for entry in _json(path, []):
            package = cast("dict[str, Any]", entry) if isinstance(entry, dict) else {}
            if "id" in package:
                say("debloat", "android", package["id"], package.get("label"))
    for path in sorted((copies / "gkd-kit+subscription/src/apps").glob("*.ts")):
        text = path.read_text("utf-8")
        found = re.search(r"id: '([^']+)'", text)
        name = re.search(r"name: '([^']+)'", text)
        if found:
            say("gkd", "android", found[1], name[1] if name else None)
    for line in _lines(copies / "Sunbelife+Snowboard-IconPack-for-Smartisan-OS/IconBundles.txt"):
        say("smartisan", "android", _icon(line))


def _ios(copies: Path, say: Any) -> None:
    for path in sorted((copies / "leverdeterre+shakeMyApps-appScan-blog/_pages/ios_apps").glob("*.md")):
        text = path.read_text("utf-8", "replace")
        identifier = re.search(r"^\*\*BundleId:\*\* (\S+)$", text, re.MULTILINE)
        name = re.search(r"^\*\*App Name:\*\* (.+)$", text, re.MULTILINE)
        if identifier:
            say("appscan", "ios", identifier[1], name[1].strip() if name else None)
    for line in _lines(copies / "sooyaaabo+IconLibrary/IconBundles.txt"):
        say("iconlibrary", "ios", _icon(line))
    for identifier in re.findall(
        r'name_bundle: "([\w.-]+)"', "\n".join(_lines(copies / "idtheming+idtheming.github.io/js/bundleid.js"))
    ):
        say("idtheming", "ios", identifier.removesuffix("-large"))
    for path in sorted((copies / "olekenneth+appstore/_data/apps").glob("*.json")):
        entry = _first(_json(path, {}))
        if "bundleId" in entry:
            fact = say("itunes-no", "ios", entry["bundleId"], entry.get("trackName"))
            fact.genre, fact.item_id = entry.get("primaryGenreName"), entry.get("trackId")
    for row in _rows(copies / "swaggyP36000+TrollStore-IPAs/bundleId.csv", ","):
        say("trollstore", "ios", row["bundleId"], row["name"])
    for row in _rows(copies / "petarov+apple-bundle-ids/dist/en-us_apple-bundle-ids.csv", ","):
        values = list(row.values())
        identifier = next((value for value in values if value.startswith("com.apple.")), None)
        if identifier:
            say("apple", "ios", identifier, values[0])
    for line in _lines(copies / "WengYuehTing+iOS-app-info/README.md"):
        cells = [cell.strip() for cell in line.split("|")]
        if len(cells) == 6 and cells[3].isdigit():
            say("ios-app-info", "ios", cells[2], cells[1]).item_id = int(cells[3])


def _reference(reference: Path, say: Any) -> None:
    for row in _rows(reference / "catalogue/devsources.tsv", "\t"):
        say("dev", row["platform"], row["identifier"], row["family"])
    for row in _rows(reference / "catalogue/ios_url_schemes_dev.tsv", "\t"):
        say("info-plists", "ios", row["bundle_id"], row["name"])
    for path in sorted((reference / "android/firmware").glob("*.inventory.json")):
        for apk in _json(path, {}).get("apks", []):
            if apk.get("package"):
                say("firmware", "android", apk["package"])
    for entry in _json(reference / "ios/browse_real_ios11.json", []):
        say("isdi", "ios", entry["CFBundleIdentifier"], entry.get("CFBundleDisplayName"))


def _forensics(copies: Path, say: Any) -> None:
    """Take identifier-like strings that a parser looks for; only as a second witness, they name nothing."""
    for source, platform, repository in (
        ("aleapp", "android", "abrignoni+ALEAPP"),
        ("ileapp", "ios", "abrignoni+iLEAPP"),
    ):
        for path in sorted((copies / repository / "scripts/artifacts").glob("*.py")):
            for found in re.findall(
                r"['\"/*-]((?:com|net|org|tv|co|xyz|ph|kik|jp|app)(?:\.[A-Za-z0-9_-]+){1,5})['\"/*]",
                path.read_text("utf-8", "replace"),
            ):
                say(source, platform, found)


def _icon_pack(path: Path, attribute: str) -> Iterator[tuple[str, str | None]]:
    text = path.read_text("utf-8", "replace") if path.exists() else ""
    for item in re.findall(r"<item\b([^>]*)>", text):
        component = re.search(r"ComponentInfo\{([^/}\"]+)/", item)
        name = re.search(attribute + r'\s*=\s*"([^"]*)"', item)
        if component:
            yield component[1].strip(), name[1] if name else None


def _commented(path: Path) -> Iterator[tuple[str, str | None]]:
    """Read an icon pack that names each app in a comment above its lines."""
    text = path.read_text("utf-8", "replace") if path.exists() else ""
    name = None
    for found in re.finditer(r"<!--\s*(.*?)\s*-->|ComponentInfo\{([^/}\"]+)/", text, re.DOTALL):
        name = found[1] if found[2] is None else name
        if found[2] is not None:
            yield found[2].strip(), name if name and "\n" not in name else None


def _icon(line: str) -> str:
    return re.sub(r"(-large)?(@\dx)?(~ip\w+)?\.png$", "", line.strip())


def _plausible(identifier: str) -> bool:
    return bool(re.fullmatch(r"[\w.-]{2,150}", identifier, re.ASCII))


def _first(value: Any) -> dict[str, Any]:
    results: Any = cast("dict[str, Any]", value).get("results", [value]) if isinstance(value, dict) else value
    return results[0] if results else {}


def _json(path: Path, default: Any) -> Any:
    return json.loads(path.read_text("utf-8")) if path.exists() else default


def _lines(path: Path) -> list[str]:
    return path.read_text("utf-8", "replace").splitlines() if path.exists() else []


def _rows(path: Path, delimiter: str) -> Iterable[dict[str, str]]:
    if not path.exists():
        return []
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter=delimiter))
