"""Where a web app starts: the address in its APK's own manifest.

The server that makes a WebAPK writes it there, ``org.chromium.webapk.shell_apk.startUrl`` (Chromium, ``shell_apk/
AndroidManifest.xml``); its intent filter tells the page's scope only. The file is some 100 kB, so it is read whole. Its
binary XML is read by pyaxmlparser, androguard's reader; whatever it trips over is a file that cannot be read.
"""

from __future__ import annotations

import io
import logging
import re
import shlex
import zipfile
import zlib
from importlib import import_module
from typing import Any
from urllib.parse import urlsplit

from provisioning.android.reading import Unreadable

LARGEST_APK = 2 << 20
"""Bytes; what is larger is no WebAPK that a server made."""
_LARGEST_MANIFEST = 1 << 20
_START = "org.chromium.webapk.shell_apk.startUrl"
_ANDROID = "{http://schemas.android.com/apk/res/android}"
_ADDRESS = re.compile(r"https?://[!-~]{1,2000}")


def apk_command(path: str) -> str:
    """Give the command that prints the APK; a larger one is cut off, which makes it unreadable."""
    return f"head -c {LARGEST_APK} {shlex.quote(path)}"


def read_start_address(apk: bytes) -> str | None:
    """Give the address that a web app's APK names as its start; None where it names none. Raises Unreadable."""
    named = {
        str(one.get(f"{_ANDROID}value") or "")
        for one in _manifest(apk).iter("meta-data")
        if one.get(f"{_ANDROID}name") == _START
    }
    if not named:
        return None
    if len(named) > 1:
        raise Unreadable("it names two addresses to start at")
    (address,) = named
    if _ADDRESS.fullmatch(address) is None:
        raise Unreadable("what it names as its start is no address")
    return address


def same_site(one: str, another: str) -> bool:
    """Tell whether two addresses are of the same host."""
    try:
        return (urlsplit(one).hostname or "").lower() == (urlsplit(another).hostname or "").lower()
    except ValueError:
        return False


def _manifest(apk: bytes) -> Any:
    try:
        with zipfile.ZipFile(io.BytesIO(apk)) as archive, archive.open("AndroidManifest.xml") as entry:
            data = entry.read(_LARGEST_MANIFEST + 1)
    except (zipfile.BadZipFile, zlib.error, KeyError, RuntimeError, EOFError, OSError, ValueError) as error:
        raise Unreadable("its APK cannot be read") from error
    if len(data) > _LARGEST_MANIFEST:
        raise Unreadable("its manifest is larger than any")
    # It writes the file's own words into its log, line by line.
    logging.getLogger("pyaxmlparser").setLevel(logging.CRITICAL)
    reader: Any = import_module("pyaxmlparser.axmlprinter")  # it has no types, and few handsets have web apps
    try:
        printer = reader.AXMLPrinter(data)
        if not printer.is_valid():
            raise Unreadable("its manifest cannot be read")
        return printer.get_xml_obj()
    except Unreadable:
        raise
    except Exception as error:
        raise Unreadable("its manifest cannot be read") from error
