"""Take pictures of every view, offscreen, in light and dark, at 100 and 200 %: ``python tests/screenshots.py FOLDER``.

Each scale needs its own process, since Qt takes it up once; this script starts them itself.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent), str(HERE / "ui"), str(HERE / "tools")]
SCALES = {"100": "1", "200": "2"}


def main() -> int:
    """Take the pictures of all scales, or with ``--scale`` of one."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--scale", choices=list(SCALES))
    parser.add_argument("--scheme", choices=["light", "dark", "high contrast"], action="append")
    parser.add_argument("--size", default="", help="of the window, in logical pixels: 1366x768")
    parser.add_argument("--only", default="", help="only views with this in their name")
    arguments = parser.parse_args()
    arguments.folder.mkdir(parents=True, exist_ok=True)
    if arguments.scale is None:
        for name, factor in SCALES.items():
            environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "QT_SCALE_FACTOR": factor}
            subprocess.run([sys.executable, __file__, *sys.argv[1:], "--scale", name], env=environment, check=True)
        return 0
    size = tuple(int(one) for one in arguments.size.split("x")) if arguments.size else None
    take(arguments.folder, arguments.scale, arguments.scheme or ["light", "dark"], arguments.only, size)
    return 0


def take(folder: Path, scale: str, schemes: list[str], only: str, size: tuple[int, ...] | None = None) -> None:
    """Take every view in this process."""
    import qasync
    from PySide6.QtCore import QMessageLogContext, QSize, QtMsgType, qInstallMessageHandler
    from PySide6.QtWidgets import QApplication

    from tests.ui.scenes import MORE, SCENES, Stage
    from ui.colours import Scheme
    from ui.theme import Theme

    def complain(kind: QtMsgType, context: QMessageLogContext, text: str) -> None:
        del kind, context
        if "propagateSizeHints" not in text:  # the offscreen platform says so for every dialog
            print(text, file=sys.stderr)

    qInstallMessageHandler(complain)
    app = QApplication([])
    theme = Theme(app)
    loop = qasync.QEventLoop(app)

    async def views() -> None:
        for scheme in schemes:
            theme.choose(Scheme(scheme))
            for name, scene in {**SCENES, **MORE}.items():
                if only in name:
                    stage = Stage(theme, scale)
                    if size:
                        stage.size = QSize(*size)
                    await scene(stage)
                    path = folder / f"{name}-{scheme.replace(' ', '-')}-{scale}.png"
                    await stage.photograph(path)
                    stage.close()
                    print(path)

    with loop:
        loop.run_until_complete(views())  # pyright: ignore[reportUnknownMemberType]  # qasync has no annotations


if __name__ == "__main__":
    sys.exit(main())
