"""The evaluator of Terraform in a process of its own, within limits: it answers requests until there are no more.

What is evaluated was written by strangers, and a few characters of it can ask for any amount of time and memory, or for
recursion that ends the process. This module is also run as a script, so that it imports nothing of this package.

A request is a JSON array of a directory and a list of files of variables, an answer a letter (the constants below) and a
text. Both are preceded by their length in `PREFIX` bytes.
"""

import gc
import json
import os
import sys
from typing import IO, Final

RESULT: Final = b"r"  # what was evaluated, as JSON
REFUSED: Final = b"e"  # the evaluator's error
MISSING: Final = b"m"  # there is no evaluator
PREFIX: Final = 8


def send(to: IO[bytes], message: bytes) -> None:
    """Write a message. Raises OSError if nobody reads it."""
    to.write(len(message).to_bytes(PREFIX, "big"))
    to.write(message)
    to.flush()


def receive(source: IO[bytes]) -> bytes:
    """Read a message; an empty one if there are no more."""
    return source.read(int.from_bytes(source.read(PREFIX), "big"))


def restrain(memory: int, seconds: int) -> None:
    """Limit this process where the system can: the bytes that it may hold, and the CPU time of what it does next.

    The limit of time is for when nobody is left to end the process.
    """
    if sys.platform != "win32":
        import resource  # noqa: PLC0415  there is none on Windows

        # Address space would not do: Go reserves far more of it than it uses.
        _lower(resource.RLIMIT_DATA, memory)
        used = resource.getrusage(resource.RUSAGE_SELF)
        _lower(resource.RLIMIT_CPU, int(used.ru_utime + used.ru_stime) + seconds)


def _lower(kind: int, limit: int) -> None:
    import resource  # noqa: PLC0415  as above

    _, hard = resource.getrlimit(kind)
    resource.setrlimit(kind, (limit if hard == resource.RLIM_INFINITY else min(limit, hard), hard))


def serve(requests: IO[bytes], answers: IO[bytes], memory: int, seconds: int) -> None:
    """Answer requests until there are no more; each may take so many seconds of CPU time, and all of them so much memory."""
    gc.disable()  # there is nothing to collect in what comes and goes here
    while request := receive(requests):
        restrain(memory, seconds)
        send(answers, _answer(*json.loads(request)))


def _answer(directory: str, values: list[str]) -> bytes:
    try:
        import tfparse  # noqa: PLC0415  it starts a runtime of its own, which this process is there for
    except ImportError:
        return MISSING
    try:
        result = tfparse.load_from_path(directory, stop_on_hcl_error=True, vars_paths=values)
    except tfparse.ParseError as error:
        return REFUSED + str(error).encode(errors="replace")
    return RESULT + json.dumps(result, ensure_ascii=False, separators=(",", ":")).encode(errors="surrogatepass")


def main() -> None:
    """Serve standard input and output. The arguments are the limits, and the path that modules are imported from."""
    memory, seconds, *path = sys.argv[1:]
    sys.path[:] = path
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # nothing else may get between the answers
    serve(sys.stdin.buffer, answers, int(memory), int(seconds))


if __name__ == "__main__":
    main()
