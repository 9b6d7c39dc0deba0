"""Logs for us: one line a fact, rotating files in the home; wire traffic only at level TRAFFIC, off at the desk."""

from __future__ import annotations

import json
import logging
import logging.handlers
import sys
import time
from pathlib import Path

TRAFFIC = 5
"""Below DEBUG: bytes on the wire. Secrets are redacted where they are born, at every level."""


class JsonLines(logging.Formatter):
    """Formats a record as one line of JSON, so that nothing in a message can forge another line."""

    def format(self, record: logging.LogRecord) -> str:
        """Give the line; an exception's trace is one string in it."""
        line = {
            "time": time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created)) + f".{int(record.msecs):03d}Z",
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        if record.exc_info:
            line["trace"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=True)


def log_to(folder: Path, level: int = logging.INFO) -> None:
    """Write the log of this process to ``folder``; a folder that cannot be written leaves only warnings on stderr."""
    logging.addLevelName(TRAFFIC, "TRAFFIC")
    root = logging.getLogger()
    root.setLevel(level)
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        handler: logging.Handler = logging.handlers.RotatingFileHandler(
            folder / "issuing-desk.log", maxBytes=5_000_000, backupCount=5, encoding="utf-8"
        )
        (folder / "issuing-desk.log").chmod(0o600)
    except OSError:
        handler = logging.StreamHandler(sys.stderr)
        handler.setLevel(logging.WARNING)
    handler.setFormatter(JsonLines())
    root.addHandler(handler)


def stay_quiet() -> None:
    """Send nothing anywhere: for commands that work without a home."""
    logging.getLogger().addHandler(logging.NullHandler())
