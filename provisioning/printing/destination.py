"""Where a job goes: a printer of the system's, a raw one on the network, or a file; each has one line that names it.

``Office``                               a queue of the platform's print system
``zpl://10.0.0.5:9100?dpi=203&size=57x32``   a label printer; ``dpi`` 203, 300 or 600, ``size`` in millimetres
``escpos://10.0.0.6:9100?paper=58``      a receipt printer; ``paper`` 80 or 58 millimetres
``zpl:/dev/usb/lp0``, ``escpos:slip.bin``   the same bytes into a file or device
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum, unique
from pathlib import Path
from typing import TypeAlias
from urllib.parse import parse_qsl, urlsplit

from provisioning.errors import UsageError
from provisioning.plain_text import one_line

RAW_PORT = 9100
"""Where printers listen for raw jobs (JetDirect); Zebra's and Epson's default as well."""
_LONGEST = 300
_DOTS = {"203": 8, "300": 12, "600": 24}
"""Dots per millimetre of Zebra's print heads, by what their data sheets call dpi."""
_LARGEST_MM, _SMALLEST_MM = 210, 15


@unique
class Language(StrEnum):
    """What a raw printer understands."""

    ZPL = "zpl"
    ESCPOS = "escpos"


@dataclass(frozen=True, slots=True)
class Media:
    """What is in a raw printer. ``dots`` per millimetre; ``paper`` width and ``label`` width and height in millimetres.

    ``label`` None: what the kind of label is made for.
    """

    dots: int = 8
    paper: int = 80
    label: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class SystemPrinter:
    """A queue of the platform's print system, by its name."""

    name: str


@dataclass(frozen=True, slots=True)
class NetworkPrinter:
    """A printer that takes raw bytes at ``host``:``port``."""

    language: Language
    host: str
    port: int
    media: Media


@dataclass(frozen=True, slots=True)
class PrintFile:
    """A file or device that takes raw bytes; what is there already stays."""

    language: Language
    path: Path
    media: Media


Destination: TypeAlias = SystemPrinter | NetworkPrinter | PrintFile


def parse_destination(text: str) -> Destination:
    """Read the line that names a destination. Raises UsageError with what is wrong in it."""
    text = text.strip()
    shown = one_line(text, 80)
    if not text or len(text) > _LONGEST or not text.isprintable():
        raise UsageError("Name a printer, or give zpl://HOST:PORT, escpos://HOST:PORT, zpl:FILE or escpos:FILE.")
    scheme, colon, rest = text.partition(":")
    if not colon or scheme.lower() not in set(Language):
        if text.startswith("-") or "/" in text:
            raise UsageError(f"“{shown}” names no printer. See “issuing-desk print printers”.")
        return SystemPrinter(text)
    language = Language(scheme.lower())
    try:
        parts = urlsplit(text)
        port = parts.port or RAW_PORT
    except ValueError:
        raise UsageError(f"“{shown}” is no address of a printer. Write {language}://HOST:{RAW_PORT}.") from None
    media = _media(dict(parse_qsl(parts.query)), language)
    if rest.startswith("//"):
        if not parts.hostname or parts.path not in {"", "/"} or parts.username is not None:
            raise UsageError(f"“{shown}” is no address of a printer. Write {language}://HOST:{RAW_PORT}.")
        return NetworkPrinter(language, parts.hostname, port, media)
    if not parts.path:
        raise UsageError(f"“{shown}” names no file. Write {language}:FILE.")
    return PrintFile(language, Path(parts.path), media)


def destination_text(destination: Destination) -> str:
    """Give the line from which :func:`parse_destination` makes an equal destination."""
    match destination:
        case SystemPrinter(name):
            return name
        case NetworkPrinter(language, host, port, media):
            bracketed = f"[{host}]" if ":" in host else host
            return f"{language}://{bracketed}:{port}{_query(media)}"
        case PrintFile(language, path, media):
            return f"{language}:{path}{_query(media)}"


def destination_name(destination: Destination) -> str:
    """Name a destination in a sentence."""
    match destination:
        case SystemPrinter(name):
            return f"Printer “{one_line(name, 60)}”"
        case NetworkPrinter(language, host, port, _):
            kind = "Label printer" if language is Language.ZPL else "Receipt printer"
            return f"{kind} {one_line(host, 60)}:{port}"
        case PrintFile(_, path, _):
            return f"File {one_line(str(path), 100)}"


def _media(query: dict[str, str], language: Language) -> Media:
    known = {"dpi", "size"} if language is Language.ZPL else {"paper"}
    if unknown := sorted(set(query) - known):
        raise UsageError(
            f"A printer has no “{one_line(unknown[0], 20)}” here. Settings of {language}: {', '.join(sorted(known))}."
        )
    dots = _DOTS.get(query.get("dpi", "203"))
    if dots is None:
        raise UsageError(f"A label printer has dpi={', '.join(_DOTS)}, not “{one_line(query['dpi'], 20)}”.")
    if query.get("paper", "80") not in {"80", "58"}:
        raise UsageError(f"A receipt printer has paper=80 or paper=58, not “{one_line(query['paper'], 20)}”.")
    label = None
    if "size" in query:
        width, _, height = query["size"].partition("x")
        sides = [int(side) if side.isascii() and side.isdigit() and len(side) < 5 else 0 for side in (width, height)]
        if not all(_SMALLEST_MM <= side <= _LARGEST_MM for side in sides):
            raise UsageError(
                f"A label's size is size=WIDTHxHEIGHT in millimetres, each {_SMALLEST_MM} to {_LARGEST_MM}; "
                f"“{one_line(query['size'], 20)}” is not."
            )
        label = (sides[0], sides[1])
    return Media(dots, int(query.get("paper", "80")), label)


def _query(media: Media) -> str:
    said: list[str] = []
    if media.dots != Media().dots:
        said.append(f"dpi={next(dpi for dpi, dots in _DOTS.items() if dots == media.dots)}")
    if media.label is not None:
        said.append(f"size={media.label[0]}x{media.label[1]}")
    if media.paper != Media().paper:
        said.append(f"paper={media.paper}")
    return f"?{'&'.join(said)}" if said else ""
