"""Read an SVG drawing of a signature and write a new one with nothing but its strokes.

Only lines, curves and simple shapes are understood. What could act, fetch, hide or grow (scripts, links, images, text,
style sheets, entities) is refused, so that a technician notices; what merely describes (titles, notes) is left out.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from xml.parsers import expat

from provisioning.plain_text import one_line

LARGEST = 256 << 10
"""Bytes of what is kept."""
_MOST_ELEMENTS = 5000
_DEEPEST = 24
_LARGEST_NUMBER = 1e6
_SVG = "http://www.w3.org/2000/svg"
_SHAPES = frozenset({"svg", "g", "path", "polyline", "polygon", "line", "circle", "ellipse", "rect"})
_LEFT_OUT = frozenset({"title", "desc", "metadata", "defs"})
_STYLES = frozenset({"stroke-linecap", "stroke-linejoin", "fill-rule"})
_PAINTS = frozenset({"fill", "stroke"})
_NUMBERS = frozenset(
    {
        *("x", "y", "x1", "y1", "x2", "y2", "cx", "cy", "r", "rx", "ry", "width", "height", "points", "viewBox"),
        *("stroke-width", "stroke-miterlimit", "stroke-dasharray", "opacity", "stroke-opacity", "fill-opacity"),
    }
)
_NUMBER = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?")
_PATTERNS: Mapping[str, re.Pattern[str]] = {
    "number": re.compile(r"[-+0-9.eE,%\s]*(?:px|pt|mm|cm|in)?"),
    "path": re.compile(r"[MmZzLlHhVvCcSsQqTtAaeE0-9+\-.,\s]*"),
    "transform": re.compile(r"(?:(?:matrix|translate|scale|rotate|skewX|skewY)\s*\([-+0-9.eE,\s]*\)[\s,]*)*"),
    "paint": re.compile(r"none|currentColor|[a-zA-Z]{3,20}|#[0-9a-fA-F]{3,8}|rgba?\([0-9.,%\s]*\)"),
    "word": re.compile(r"[a-z]{1,20}"),
}


class NotASignatureError(Exception):
    """Raised for bytes that are no image of a signature; the text is the reason, for a person."""


def sanitised_svg(data: bytes) -> bytes:
    """Give a drawing with the same strokes and nothing else. Raises NotASignatureError with the reason."""
    reader = _Reader()
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.StartDoctypeDeclHandler = reader.doctype
    parser.EntityDeclHandler = reader.entity
    parser.ProcessingInstructionHandler = reader.instruction
    try:
        parser.Parse(data, True)
    except expat.ExpatError as e:
        raise NotASignatureError("the file is neither a PNG nor an SVG image. Give a signature as PNG or SVG.") from e
    except (ValueError, LookupError) as e:
        raise NotASignatureError("the SVG is in an encoding that cannot be read. Save it as PNG.") from e
    return reader.drawing()


@dataclass
class _Reader:
    """Follows the parser through a document and writes what it understands."""

    written: list[str] = field(default_factory=list[str])
    size: int = 0
    elements: int = 0
    depth: int = 0
    skipping: int = 0
    """Levels into something that is left out."""

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self.elements += 1
        self.depth += 1
        if self.elements > _MOST_ELEMENTS or self.depth > _DEEPEST:
            raise NotASignatureError("the SVG has far more in it than a signature. Save it as PNG.")
        space, _, local = name.rpartition(" ")
        _refuse_acting(attributes)
        if self.skipping or local in _LEFT_OUT or space not in {_SVG, ""}:
            if self.depth == 1:
                raise NotASignatureError("the file is neither a PNG nor an SVG image. Give a signature as PNG or SVG.")
            self.skipping += 1
            return
        if self.depth == 1 and local != "svg":
            raise NotASignatureError("the file is neither a PNG nor an SVG image. Give a signature as PNG or SVG.")
        if local not in _SHAPES or (local == "svg" and self.depth > 1):
            raise NotASignatureError(f"the SVG holds “{one_line(local, 20)}”, which is no stroke. Save it as PNG.")
        self._write(f"<{local}{_attributes(attributes, root=self.depth == 1)}>")

    def end(self, name: str) -> None:
        self.depth -= 1
        if self.skipping:
            self.skipping -= 1
            return
        self._write(f"</{name.rpartition(' ')[2]}>")

    def doctype(self, _name: str, _system: str | None, _public: str | None, internal_subset: bool) -> None:
        if internal_subset:
            raise NotASignatureError("the SVG declares entities, which no signature needs. Save it as PNG.")

    def entity(self, *_declared: object) -> None:
        raise NotASignatureError("the SVG declares entities, which no signature needs. Save it as PNG.")

    def instruction(self, _target: str, _data: str) -> None:
        raise NotASignatureError("the SVG holds instructions for a program, not only strokes. Save it as PNG.")

    def drawing(self) -> bytes:
        """Give what was written."""
        return "".join(self.written).encode("ascii")

    def _write(self, text: str) -> None:
        self.size += len(text)
        if self.size > LARGEST:
            raise NotASignatureError(f"the SVG draws more than {LARGEST >> 10} KiB. Save it as PNG.")
        self.written.append(text)


def _refuse_acting(attributes: Mapping[str, str]) -> None:
    for name in attributes:
        local = name.rpartition(" ")[2].lower()
        if local.startswith("on"):
            raise NotASignatureError("the SVG holds a script. Do not use it; sign again.")
        if local in {"href", "src"}:
            raise NotASignatureError("the SVG refers to something outside itself. Save it as PNG.")


def _attributes(given: Mapping[str, str], *, root: bool) -> str:
    """Give the attributes that draw, each checked; ``style`` is taken apart into them."""
    styled = dict(_declaration(part) for part in given.get("style", "").split(";") if ":" in part)
    kept = {**given, **styled}
    written = [f'{name}="{_checked(name, value)}"' for name, value in sorted(kept.items()) if _kind(name) is not None]
    if root:
        if not {"viewBox"} & kept.keys() and not {"width", "height"} <= kept.keys():
            raise NotASignatureError("the SVG does not say how large it is. Save it as PNG.")
        written.insert(0, f'xmlns="{_SVG}"')
    return "".join(f" {attribute}" for attribute in written)


def _declaration(part: str) -> tuple[str, str]:
    name, _, value = part.partition(":")
    return name.strip(), value.strip()


def _kind(name: str) -> str | None:
    if name in _NUMBERS:
        return "number"
    if name in _PAINTS:
        return "paint"
    if name in _STYLES:
        return "word"
    return {"d": "path", "transform": "transform"}.get(name)


def _checked(name: str, value: str) -> str:
    kind = _kind(name)
    assert kind is not None
    text = value.strip()
    if not _PATTERNS[kind].fullmatch(text):
        raise NotASignatureError(f"the SVG gives “{name}” in a way that no stroke needs. Save it as PNG.")
    if any(abs(float(number)) > _LARGEST_NUMBER for number in _NUMBER.findall(text)):
        raise NotASignatureError("the SVG draws far outside any page. Save it as PNG.")
    return " ".join(text.split())
