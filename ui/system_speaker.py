"""What this machine can be heard with: the system's own programs for sound and speech, run beside the window.

Not Qt's multimedia: it is in the larger half of PySide6 (170 MB more), takes 170 ms to import and looks for devices
when it does. A program that hangs or dies takes nothing with it. Every desktop that we know has one of these.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files

from PySide6.QtCore import QObject, QProcess, QStandardPaths, QTimer

from provisioning.plain_text import one_line
from ui.aloud import Speaker, Telling
from ui.aloud_phrases import Aloud

LONGEST = 20_000
"""Milliseconds after which a program is ended; four sentences take ten seconds."""


@dataclass(frozen=True, slots=True)
class Program:
    """A program that takes what it is to play or say on its standard input, or (``by_name``) as its last argument."""

    name: str
    arguments: Sequence[str] = ()
    by_name: bool = False
    silent: bool = False
    """It says nothing while all is well, and may end well although it could not be heard."""


_WINDOWS = ("-NoProfile", "-NonInteractive", "-Command")
_SAY = "Add-Type -AssemblyName System.Speech; (New-Object System.Speech.Synthesis.SpeechSynthesizer).Speak($input)"
_PLAY = "(New-Object System.Media.SoundPlayer ($input | Select-Object -First 1)).PlaySync()"
PROGRAMS: Mapping[tuple[str, Aloud], Sequence[Program]] = {
    ("linux", Aloud.SOUNDS): (
        Program("pw-play", by_name=True),
        Program("paplay", by_name=True),
        Program("aplay", ("-q",), by_name=True),
    ),
    ("linux", Aloud.SPEECH): (
        Program("espeak-ng", ("--stdin",), silent=True),
        Program("spd-say", ("--wait", "--"), by_name=True),
    ),
    ("darwin", Aloud.SOUNDS): (Program("afplay", by_name=True),),
    ("darwin", Aloud.SPEECH): (Program("say", ("-f", "-")),),
    ("win32", Aloud.SOUNDS): (Program("powershell", (*_WINDOWS, _PLAY)),),
    ("win32", Aloud.SPEECH): (Program("powershell", (*_WINDOWS, _SAY)),),
}
LACKS = {
    Aloud.SOUNDS: "No program on this computer plays sounds. Install one (sudo apt-get install alsa-utils).",
    Aloud.SPEECH: "No program on this computer speaks. Install one (sudo apt-get install speech-dispatcher).",
}


class SystemSpeaker(Speaker):
    """Runs one program at a time; where one fails the next is tried, and the one that worked is kept.

    ``programs`` are those of this system, in the order in which they are tried.
    """

    def __init__(
        self,
        parent: QObject | None = None,
        programs: Mapping[Aloud, Sequence[Program]] | None = None,
    ) -> None:
        super().__init__(parent)
        told = programs if programs is not None else {how: _usual(how) for how in (Aloud.SOUNDS, Aloud.SPEECH)}
        self._programs = told
        self._at = dict.fromkeys(told, 0)
        self._how = Aloud.OFF
        self._left: list[str] = []
        self._said = ""
        self._process: QProcess | None = None
        self._clock = QTimer(self)
        self._clock.setSingleShot(True)
        self._clock.setInterval(LONGEST)
        self._clock.timeout.connect(self._end_it)

    def begin(self, telling: Telling, how: Aloud) -> None:
        """Begin to tell; returns at once."""
        self._how = how
        self._said = ""
        sounds = [str(files("resources").joinpath("sounds", f"{cue}.wav")) for cue in telling.cues]
        self._left = sounds if how is Aloud.SOUNDS else [telling.words]
        self._next()

    def stop(self) -> None:
        """Be silent at once; ``finished`` is not emitted for what was stopped."""
        self._left = []
        self._clock.stop()
        process, self._process = self._process, None
        if process is not None:
            process.blockSignals(True)
            process.kill()
            process.waitForFinished(1000)
            process.deleteLater()

    def _next(self) -> None:
        if not self._left:
            self.finished.emit("")
            return
        programs, at = self._programs[self._how], self._at[self._how]
        if at >= len(programs):
            self._at[self._how] = 0  # whoever chooses again may have plugged a loudspeaker in
            self.finished.emit(self._said or LACKS[self._how])
            return
        program, what = programs[at], self._left[0]
        process = QProcess(self)
        process.errorOccurred.connect(self._failed)
        process.finished.connect(self._ended)
        self._process = process
        self._clock.start()
        process.start(program.name, [*program.arguments, *([what] if program.by_name else [])])
        if not program.by_name:
            process.write(f"{what}\n".encode())
        process.closeWriteChannel()

    def _end_it(self) -> None:
        if self._process is not None:
            self._process.kill()

    def _failed(self, error: QProcess.ProcessError) -> None:
        if error is QProcess.ProcessError.FailedToStart:
            self._finish("it cannot be started")

    def _ended(self, code: int, status: QProcess.ExitStatus) -> None:
        assert self._process is not None
        words = bytes(self._process.readAllStandardError().data()).decode("utf-8", "replace").strip()
        program = self._programs[self._how][self._at[self._how]]
        if status is QProcess.ExitStatus.NormalExit and code == 0 and not (program.silent and words):
            self._finish("")
            return
        ended = "it was ended" if status is QProcess.ExitStatus.CrashExit else f"it ended with {code}"
        self._finish(one_line(words.splitlines()[-1], 120) if words else ended)

    def _finish(self, trouble: str) -> None:
        self._clock.stop()
        process, self._process = self._process, None
        if process is not None:
            process.blockSignals(True)
            process.deleteLater()
        if trouble:
            program = self._programs[self._how][self._at[self._how]]
            self._at[self._how] += 1
            what = "Sounds cannot be played" if self._how is Aloud.SOUNDS else "Nothing can be said"
            self._said = f"{what} ({program.name}: {trouble}). Look at the loudspeaker settings of this computer."
        else:
            self._left.pop(0)
        self._next()


def _usual(how: Aloud) -> list[Program]:
    ones = PROGRAMS.get((sys.platform, how), ())
    return [one for one in ones if QStandardPaths.findExecutable(one.name)]
