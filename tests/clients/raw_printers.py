"""Read our ZPL and ESC/POS with programs of others: ``python tests/clients/raw_printers.py [--write]``. Needs npm.

npm fetches zpl-renderer-js (zebrash, a ZPL renderer) and npos (an ESC/POS parser) into a folder that is deleted again.
Every label in tests/unit/labels is rendered and compared with the picture kept beside it, pixel by pixel; ``--write``
makes them anew after the layout was changed on purpose (look at them). Barcodes are read back from the pictures. A slip
must parse into nothing but initialise, raster, feed and cut, and its code must verify from the parsed picture.
Prints a table; exit 1 where anything is not as it should be.
"""

from __future__ import annotations

import argparse
import io
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any, cast

sys.path.insert(0, str(Path(__file__).parents[1] / "unit"))

import zxingcpp
from label_samples import (
    FOLDER,
    LABELS,
    size,
    zpl,
)
from PIL import Image, ImageChops
from receipt_samples import (
    desk,
    qr_text,
    receipt,
)

from provisioning.printing import escpos
from provisioning.receipts.document import render_png
from provisioning.receipts.form import Form, Paper
from provisioning.receipts.receipt_code import verify_code

# pyright: reportUnknownArgumentType=false, reportUnknownMemberType=false, reportUnknownVariableType=false
PACKAGES = ("zpl-renderer-js@3.4.0", "npos@0.1.19")
RENDER = """
const {ready} = require('zpl-renderer-js'); const fs = require('fs');
ready.then(async ({api}) => {
  for (const [file, w, h, d] of JSON.parse(process.argv[2])) {
    const png = await api.zplToBase64Async(fs.readFileSync(file, 'utf8'), w, h, d);
    fs.writeFileSync(file + '.png', Buffer.from(png, 'base64'));
  }
  process.exit(0);
}).catch(error => { console.error(error); process.exit(1); });
"""
PARSE = """
const npos = require('npos'); const fs = require('fs');
Promise.resolve(npos.parser().parse(fs.readFileSync(process.argv[2]))).then(ast => {
  const commands = ast.tree.map(node => `${node.ascii} ${node.fn}`);
  const pictures = ast.entries.map(e => ({type: e.type, width: e.data._width, height: e.data._height,
    palette: e.data._palette, bytes: e.data._bytesPerPixel, data: Buffer.from(e.data._data).toString('base64')}));
  console.log(JSON.stringify({error: ast.error || null, commands, pictures}));
});
"""


def main() -> int:
    """Check what the two programs make of our bytes."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--write", action="store_true", help="make the kept labels anew")
    asked = parser.parse_args()
    bad = 0
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        subprocess.run(["npm", "init", "-y"], cwd=folder, check=True, stdout=subprocess.DEVNULL)
        subprocess.run(
            ["npm", "install", "--silent", "--no-audit", "--ignore-scripts", *PACKAGES], cwd=folder, check=True
        )
        bad += labels(folder, write=asked.write)
        for form in (Form.SLIP_80, Form.SLIP_58):
            bad += slip(folder, form)
    print("All is as it should be." if not bad else f"{bad} of them are not as they should be.")
    return 1 if bad else 0


def told(what: str, *, holds: bool, detail: str = "") -> int:
    """Print a line; 1 where it does not hold."""
    print(f"{'ok ' if holds else 'BAD'} {what}{f': {detail}' if detail else ''}")
    return 0 if holds else 1


def labels(folder: Path, *, write: bool) -> int:
    """Render every label and compare it with what is kept."""
    wanted: list[tuple[str, int, int, int]] = []
    for name, (_, media) in LABELS.items():
        file = folder / f"{name}.zpl"
        file.write_bytes(zpl(name))
        wanted.append((str(file), *size(name), media.dots))
    (folder / "render.cjs").write_text(RENDER)
    subprocess.run(["node", "render.cjs", json.dumps(wanted)], cwd=folder, check=True, timeout=120)
    bad = 0
    for name, (label, _) in LABELS.items():
        drawn = Image.open(io.BytesIO((folder / f"{name}.zpl.png").read_bytes())).convert("1")
        kept = FOLDER / f"{name}.png"
        if write:
            FOLDER.mkdir(exist_ok=True)
            (FOLDER / f"{name}.zpl").write_bytes(zpl(name))
            drawn.save(kept, optimize=True)
        same = ImageChops.difference(drawn.convert("L"), Image.open(kept).convert("L")).getbbox() is None
        codes = [found.text for found in zxingcpp.read_barcodes(drawn.convert("L"))]
        bad += told(f"{name}: as kept", holds=same and (FOLDER / f"{name}.zpl").read_bytes() == zpl(name))
        read = codes == [label.serial_number] if label.serial_number.isalnum() else len(codes) == 1
        bad += told(f"{name}: its barcode reads", holds=read, detail=", ".join(codes))
    return bad


def slip(folder: Path, form: Form) -> int:
    """Parse a slip, and read its code from the picture that was parsed."""
    one = receipt()
    width = form.paper or 80
    pages = render_png(one, escpos.PPI, code=desk().code(one), paper=Paper(form))
    file = folder / f"{form}.bin"
    file.write_bytes(escpos.escpos_of(pages, width))
    (folder / "parse.cjs").write_text(PARSE)
    done = subprocess.run(["node", "parse.cjs", str(file)], cwd=folder, check=True, capture_output=True, timeout=60)
    read = cast("dict[str, Any]", json.loads(done.stdout))
    commands = set(read["commands"])
    allowed = {"ESC @", "GS v0", "ESC d", "GS V"}
    bad = told(f"{form}: parses into known commands only", holds=not read["error"] and commands == allowed,
               detail=", ".join(sorted(commands)))  # fmt: skip
    (picture,) = read["pictures"]
    image = bitmap(picture)
    bad += told(f"{form}: as wide as the print head", holds=image.width == escpos.PRINTABLE_MM[width] * 8)
    image.save(folder / f"{form}.png")
    reading = verify_code(qr_text(image), desk().signer.public)
    return bad + told(f"{form}: its code verifies", holds=reading.genuine, detail=reading.sentence)


def bitmap(picture: dict[str, Any]) -> Image.Image:
    """Give the parser's picture as one of ours: an index into its palette for each pixel."""
    import base64

    data = base64.b64decode(picture["data"])
    width, height, each = picture["width"], picture["height"], picture["bytes"]
    dark = [0 if sum(colour_of(entry)) < 384 else 255 for entry in picture["palette"]] or [255, 0]
    values = bytes(dark[data[at]] for at in range(0, width * height * each, each))
    return Image.frombytes("L", (width, height), values)


def colour_of(entry: Any) -> tuple[int, int, int]:
    """Give red, green and blue of a palette's entry, a number or a list."""
    if isinstance(entry, int):
        return (entry >> 16) & 255, (entry >> 8) & 255, entry & 255
    return cast("tuple[int, int, int]", tuple(entry)[:3])


if __name__ == "__main__":
    sys.exit(main())
