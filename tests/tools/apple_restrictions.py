"""Write ``resources/policies/ios_restrictions.tsv``: every restriction key of iOS with the systems that know it.

    python -m tests.tools.apple_restrictions PROFILE_KEYS.tsv

The table of Apple's published schema ends with iOS 18.1; what came later is written out here with its source.
"""

from __future__ import annotations

import csv
import sys
from pathlib import Path

OUT = Path(__file__).parents[2] / "resources" / "policies" / "ios_restrictions.tsv"
SCHEMA = "Apple, device-management schema, iOS 18.1 (October 2024)"
NOTES = "Apple deployment notes for iOS 26 and 27, collected 2026"
NEW = {
    "allowDefaultBrowserModification": ("boolean", "true", "18.2", "", "", "yes"),
    "allowSatelliteConnection": ("boolean", "true", "18.2", "", "", "yes"),
    "allowSafariHistoryClearing": ("boolean", "true", "26.0", "", "", "yes"),
    "allowSafariPrivateBrowsing": ("boolean", "true", "26.0", "", "", "yes"),
}
CHANGED = {
    "allowListedAppBundleIDs": ("27.0", ""),
    "blockedAppBundleIDs": ("27.0", ""),
    "forceDelayedSoftwareUpdates": ("26.0", "27.0"),
    "enforcedSoftwareUpdateDelay": ("26.0", "27.0"),
    "allowRapidSecurityResponseInstallation": ("26.0", "27.0"),
    "allowRapidSecurityResponseRemoval": ("26.0", "27.0"),
    **dict.fromkeys(
        ("allowAssistant", "allowAssistantUserGeneratedContent", "allowAssistantWhileLocked", "allowAutoCorrection",
         "allowContinuousPathKeyboard", "allowDefinitionLookup", "allowGenmoji", "allowImagePlayground",
         "allowImageWand", "allowKeyboardShortcuts", "allowMailSummary", "allowPersonalizedHandwritingResults",
         "allowPredictiveKeyboard", "allowSpellCheck", "allowWritingTools"),
        ("26.4", ""),
    ),
}  # fmt: skip
KINDS = {"<boolean>": "boolean", "<integer>": "integer", "<string>": "string", "<array>": "list"}


def main() -> None:
    """Read Apple's table and write ours."""
    rows: dict[str, tuple[str, ...]] = {}
    with Path(sys.argv[1]).open(encoding="utf-8", newline="") as file:
        lines = [line for line in file if not line.startswith("#")]
    for row in csv.DictReader(lines, delimiter="\t"):
        key = row["key"]
        if row["payload"] != "com.apple.applicationaccess" or "." in key or row["type"] not in KINDS:
            continue
        deprecated, removed = CHANGED.get(key, (row["deprecated"], row["removed"]))
        source = NOTES if key in CHANGED else SCHEMA
        rows[key] = (KINDS[row["type"]], row["default"].lower(), row["introduced"], deprecated, removed,
                     row["supervised_only"], row["manual_install"], source)  # fmt: skip
    for key, values in NEW.items():
        rows[key] = (*values, "yes", NOTES)
    head = "# key, type, default, introduced, deprecated, removed, supervised only, may be installed by hand, source\n"
    body = "".join("\t".join((key, *values)) + "\n" for key, values in sorted(rows.items()))
    OUT.write_text(head + body, "utf-8", newline="\n")


if __name__ == "__main__":
    main()
