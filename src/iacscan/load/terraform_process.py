"""Asks the evaluator of Terraform, tfparse, in a process of its own (`terraform_serve`), and ends that when it does too much.

One process does for all root modules: starting the evaluator takes longer than most of them do. On Linux it is a fork,
which costs hardly anything; where there are threads, and elsewhere, it is a fresh Python. A fresh one can also be told to
collect garbage less often, which takes a quarter off the time of a large tree.
"""

import atexit
import os
import signal
import sys
import tempfile
import threading
from contextlib import suppress
from pathlib import Path
from typing import IO, Any, Final, NoReturn, Protocol, TypeAlias, cast

import msgspec

from ..errors import InputError
from . import terraform_serve
from .terraform_serve import MISSING, PREFIX, REFUSED, send, serve

Raw: TypeAlias = dict[str, Any]  # what the evaluator gives for a block; it has no types

# A megabyte of source takes two seconds and 200 MB; an expression that takes so much more is a mistake or an attack.
SECONDS: Final = 60
MEMORY: Final = 2 << 30  # bytes of the evaluator; a runner in CI has at least 7 GB
ANSWER: Final = 128 << 20  # bytes of JSON; decoded, it is five times that
_LARGE: Final = 100_000  # bytes of source from which on a fresh process makes good for its start
_COLLECT: Final = {"GOGC": "400", "GOMEMLIMIT": f"{MEMORY * 3 // 4}"}
_READ: Final = 20_000  # bytes of what the evaluator says when it breaks down: Go tells of every thread
_SHOWN: Final = 200  # characters of that for a person
_OUT_OF_TIME: Final = 24  # SIGXCPU, which Windows does not name
_ADVICE: Final = "look for a large count, range() or setproduct(), or for values that multiply; or scan a plan"
_TOO_MUCH: Final = f"takes more than {MEMORY >> 30} GiB of memory"
_TOO_DEEP: Final = "goes too deep (something is nested, or made from itself, more often than people write)"
# What Go and Python say on standard error when they give up, and what that means.
_ENDS: Final = (
    ("stack exceeds", _TOO_DEEP),
    ("RecursionError", _TOO_DEEP),
    ("out of memory", _TOO_MUCH),
    ("malloc failed", _TOO_MUCH),
    ("annot allocate memory", _TOO_MUCH),
    ("MemoryError", _TOO_MUCH),
)


class ParseError(Exception):
    """The evaluator's own words about source that it cannot read."""


class _Process(Protocol):
    """A running evaluator: `requests` is written to, `answers` is read."""

    requests: IO[bytes]
    answers: IO[bytes]

    def kill(self) -> None: ...

    def wait(self) -> int:
        """Wait for its end and return its exit code, negative for a signal."""


class _Forked:
    """A fork of this process."""

    def __init__(self, errors: IO[bytes]) -> None:
        asked, requests = os.pipe()
        answers, answered = os.pipe()
        self._pid = os.fork()
        if not self._pid:
            _become_evaluator(asked, answered, errors.fileno())
        os.close(asked)
        os.close(answered)
        self.requests: IO[bytes] = os.fdopen(requests, "wb")
        self.answers: IO[bytes] = os.fdopen(answers, "rb")

    def kill(self) -> None:
        os.kill(self._pid, signal.SIGKILL)

    def wait(self) -> int:
        return os.waitstatus_to_exitcode(os.waitpid(self._pid, 0)[1])


def _become_evaluator(*files: int) -> NoReturn:
    """Serve in a fork, and end with it: what the parent has begun is not finished here, and its files are left alone."""
    import fcntl  # noqa: PLC0415  there is none on Windows

    status = 1
    try:
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent decides
        asked, answered, errors = (fcntl.fcntl(file, fcntl.F_DUPFD, 3) for file in files)
        for entry in tuple(Path("/proc/self/fd").iterdir()):
            if int(entry.name) not in (asked, answered, errors):
                with suppress(OSError):  # the one that the list was read from
                    os.close(int(entry.name))
        nothing = os.open(os.devnull, os.O_RDWR)
        for target, source in enumerate((nothing, nothing, errors)):
            os.dup2(source, target)
        sys.stderr = os.fdopen(2, "w", closefd=False)
        with os.fdopen(asked, "rb") as requests, os.fdopen(answered, "wb") as answers:
            serve(requests, answers, MEMORY, 2 * SECONDS)
        status = 0
    finally:
        if status:
            sys.excepthook(*sys.exc_info())
            sys.stderr.flush()
        os._exit(status)


class _Started:
    """A fresh Python."""

    def __init__(self, errors: IO[bytes]) -> None:
        import subprocess  # noqa: PLC0415  7 ms

        command = [sys.executable, "-I", "-S", terraform_serve.__file__, str(MEMORY), str(2 * SECONDS), *sys.path]
        environment = {**_COLLECT, **os.environ}
        pipe = subprocess.PIPE
        self._process = subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=errors, env=environment)  # noqa: S603  ourselves
        self.requests = cast("IO[bytes]", self._process.stdin)
        self.answers = cast("IO[bytes]", self._process.stdout)

    def kill(self) -> None:
        self._process.kill()

    def wait(self) -> int:
        return self._process.wait()


class Evaluator:
    """The one evaluator of this process, started when it is first asked."""

    def __init__(self) -> None:
        self._process: _Process | None = None
        self._errors: IO[bytes] | None = None
        self._owner = 0  # the process that has started it: a fork of that must not use it
        self._seen = 0  # bytes of source

    def parse(self, directory: Path, values: list[str], size: int) -> dict[str, list[Raw]]:
        """Evaluate the root module in a directory, whose source is of that size (in bytes); the blocks by type.

        Raises ParseError if the source cannot be parsed, and InputError if evaluating it does not end within the limits,
        or the evaluator is not installed.
        """
        process = self._ready(size)
        late = threading.Event()

        def interrupt() -> None:
            late.set()
            process.kill()

        clock = threading.Timer(SECONDS, interrupt)
        clock.daemon = True
        clock.start()
        try:
            answer = self._ask(process, msgspec.json.encode([str(directory), values]))
        finally:
            clock.cancel()
            clock.join()
        if late.is_set() or not answer:
            raise self._failure(late=late.is_set())
        if answer.startswith(MISSING):
            what = "Terraform source is evaluated with tfparse, which is not installed"
            raise InputError(what, "pip install tfparse, or scan a plan")
        if answer.startswith(REFUSED):
            raise ParseError(answer[1:].decode())
        result: dict[str, list[Raw]] = msgspec.json.decode(memoryview(answer)[1:])
        return result

    def _ask(self, process: _Process, request: bytes) -> bytes:
        """The answer of the process; nothing if it ends instead. Raises InputError if the answer is too long."""
        try:
            send(process.requests, request)
        except BrokenPipeError:
            return b""
        size = int.from_bytes(process.answers.read(PREFIX), "big")
        if size > ANSWER:
            self.stop()
            what = f"its evaluation gives {size:,} bytes; the limit is {ANSWER:,}"
            raise InputError(what, _ADVICE)
        answer = process.answers.read(size)
        return answer if len(answer) == size else b""

    def _ready(self, size: int) -> _Process:
        """The process that is running, or a new one."""
        self._seen += size
        alone = sys.platform == "linux" and "tfparse" not in sys.modules and threading.active_count() == 1
        fork = alone and self._seen < _LARGE
        if self._process is not None and self._owner != os.getpid():
            self.stop()
        if isinstance(self._process, _Forked) and not fork:
            self.stop()
        if self._process is None:
            self._errors = tempfile.TemporaryFile()  # noqa: SIM115  it lives as long as the process
            self._process = _Forked(self._errors) if fork else _Started(self._errors)
            if self._owner != os.getpid():
                self._owner = os.getpid()
                atexit.register(self.stop)
                if "multiprocessing.util" in sys.modules:  # whose processes end without the former
                    from multiprocessing.util import Finalize  # noqa: PLC0415  as above

                    Finalize(None, self.stop, exitpriority=0)
        return self._process

    def stop(self) -> None:
        """End the process, if this one has started it."""
        self._end()

    def _end(self) -> tuple[int, str]:
        """End the process; its exit code, and what it has said on standard error."""
        process, self._process = self._process, None
        errors, self._errors = self._errors, None
        if process is None or errors is None:
            return 0, ""
        with errors, process.answers:
            if self._owner != os.getpid():
                return 0, ""
            process.kill()
            code = process.wait()
            with suppress(BrokenPipeError):  # a request that it did not take
                process.requests.close()
            errors.seek(0)
            return code, errors.read(_READ).decode(errors="replace")

    def _failure(self, *, late: bool) -> InputError:
        """What to say of a process that has ended, or was ended."""
        code, told = self._end()
        if late or code == -_OUT_OF_TIME:
            return InputError(f"its evaluation takes more than {SECONDS} seconds", _ADVICE)
        for sign, clause in _ENDS:
            if sign in told:
                return InputError(f"its evaluation {clause}", _ADVICE)
        lines = [line for line in told.splitlines() if line.strip()]
        shown = (lines[-1] if told.startswith("Traceback") else lines[0])[:_SHOWN] if lines else f"exit code {code}"
        what = f"the evaluator of Terraform broke down ({shown})"
        return InputError(what, "scan a plan instead; if there is memory enough, this is a defect of tfparse")


EVALUATOR: Final = Evaluator()
