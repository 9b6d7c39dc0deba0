"""Make the two tones of ``resources/sounds``: ``python -m tests.tools.make_sounds``.

They are told apart by direction and rhythm, not by pitch alone: *ready* rises once, *needs* falls twice.
"""

from __future__ import annotations

import io
import math
import struct
import wave
from collections.abc import Mapping, Sequence
from pathlib import Path

RATE = 22_050
"""Samples a second."""
FOLDER = Path(__file__).parents[2] / "resources" / "sounds"
TONES: Mapping[str, Sequence[tuple[float, float]]] = {
    "ready": ((659.26, 0.12), (987.77, 0.22)),
    "needs": ((493.88, 0.13), (329.63, 0.17), (0.0, 0.07), (493.88, 0.13), (329.63, 0.24)),
}
"""Name -> notes as (hertz, seconds); 0 Hz is a rest."""


def tone(notes: Sequence[tuple[float, float]]) -> bytes:
    """Give the notes as a WAV file: mono, 16 bit, each note fading in and out so that nothing clicks."""
    samples: list[int] = []
    for hertz, seconds in notes:
        count = round(seconds * RATE)
        for number in range(count):
            swell = min(1.0, number / (0.008 * RATE), (count - number) / (0.05 * RATE))
            angle = 2 * math.pi * hertz * number / RATE
            samples.append(round(9_000 * swell * (math.sin(angle) + 0.25 * math.sin(2 * angle))))
    file = io.BytesIO()
    with wave.open(file, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(RATE)
        out.writeframes(struct.pack(f"<{len(samples)}h", *samples))
    return file.getvalue()


def main() -> None:
    """Write them."""
    FOLDER.mkdir(exist_ok=True)
    for name, notes in TONES.items():
        (FOLDER / f"{name}.wav").write_bytes(tone(notes))


if __name__ == "__main__":
    main()
