"""The organisation's own dress of its receipts: a folder in the home with its crest and some words of its own.

``receipt/template.toml`` in the home::

    crest = "crest.svg"                # PNG or SVG beside it, drawn 11 mm high
    [en-GB]
    organisation = "Metropolitan Police Service"
    address = ["Device Support", "New Scotland Yard, London SW1A 2JL"]
    note = "Lost or stolen? Call 101 at once and give the receipt number."
    heading = { handover = "Record of issue", return = "Record of return" }

What a verdict says, what was not checked, and what a receipt proves cannot be said differently. Everything is plain
text. A template that is wrong in anything is not used at all: the standard one is, and one sentence says why.
"""

from __future__ import annotations

import io
import struct
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from provisioning.errors import FileError
from provisioning.files import read_file
from provisioning.receipts.receipt import Picture
from provisioning.receipts.svg_picture import NotASignatureError, sanitised_svg

FOLDER = "receipt"
FILE = "template.toml"
_LARGEST_TOML = 64 << 10
_LARGEST_CREST = 1 << 20
_MOST_PIXELS = 4_000_000
_PNG = b"\x89PNG\r\n\x1a\n"
_KIND = Annotated[str, Field(pattern="^(handover|return)$")]
_HEADING = Annotated[str, Field(min_length=1, max_length=40)]
_LINE = Annotated[str, Field(min_length=1, max_length=120)]


@dataclass(frozen=True, slots=True)
class Words:
    """An organisation's own words in one language; empty: the standard ones."""

    organisation: str = ""
    address: tuple[str, ...] = ()
    note: str = ""
    heading: Mapping[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True, slots=True)
class Template:
    """A crest and words. ``fault`` is the sentence that says why the standard one is used instead; empty: none is."""

    crest: Picture | None = None
    words: Mapping[str, Words] = field(default_factory=dict[str, Words])
    fault: str = ""

    def of(self, language: str) -> Words:
        """Give the words for a language."""
        return self.words.get(language, Words())


STANDARD = Template()


class _Words(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)
    organisation: Annotated[str, Field(max_length=120)] = ""
    address: Annotated[list[_LINE], Field(max_length=4)] = Field(default_factory=list)
    note: Annotated[str, Field(max_length=600)] = ""
    heading: dict[_KIND, _HEADING] = Field(default_factory=dict)


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)
    crest: Annotated[str, Field(max_length=200)] = ""
    english: _Words = Field(default_factory=_Words, alias="en-GB")
    welsh: _Words = Field(default_factory=_Words, alias="cy-GB")


def load_template(home: Path) -> Template:
    """Give the template of a home; the standard one where there is none, and with its fault where it is wrong."""
    file = home / FOLDER / FILE
    if not file.is_file():
        return STANDARD
    try:
        return _read(file)
    except FileError as error:
        return Template(fault=f"The standard receipt is used: {error}")


def _read(file: Path) -> Template:
    try:
        parsed: dict[str, Any] = tomllib.loads(read_file(file, _LARGEST_TOML).decode("utf-8"))
        read = _File.model_validate(parsed)
    except UnicodeDecodeError:
        raise FileError(file, "is not UTF-8 text.") from None
    except tomllib.TOMLDecodeError as error:
        raise FileError(file, f"is not valid TOML: {error}.") from None
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise FileError(file, f"{where}: {first['msg']}.") from None
    words = {
        language: Words(one.organisation, tuple(one.address), one.note, one.heading)
        for language, one in (("en-GB", read.english), ("cy-GB", read.welsh))
    }
    return Template(_crest(file.parent, read.crest) if read.crest else None, words)


def _crest(folder: Path, name: str) -> Picture:
    path = folder / name
    if Path(name).name != name:
        raise FileError(path, "the crest must lie beside the template.")
    data = read_file(path, _LARGEST_CREST)
    try:
        if data.startswith(_PNG):
            return Picture("image/png", _plain(data))
        svg = sanitised_svg(data)
    except NotASignatureError as error:
        raise FileError(path, str(error).replace("signature", "crest")) from None
    return Picture("image/svg+xml", svg)


def _plain(data: bytes) -> bytes:
    """Draw a PNG anew: bounded, without metadata; what is not one is a NotASignatureError."""
    from PIL import Image

    try:
        width, height = struct.unpack(">II", data[16:24])  # IHDR comes first (PNG, 5.6)
        if not 0 < width * height <= _MOST_PIXELS:
            raise NotASignatureError("the image is far too large. Give one of at most 4 million pixels.")
        with Image.open(io.BytesIO(data), formats=["PNG"]) as image:
            drawn = image.convert("RGBA")
    except (OSError, ValueError, SyntaxError, struct.error) as error:
        raise NotASignatureError("the image is no PNG that can be read. Save it again.") from error
    out = io.BytesIO()
    drawn.save(out, "PNG")
    return out.getvalue()
