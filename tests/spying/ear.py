"""``python -I ear.py LOG PROGRAM WORDS``: run a program and note what it reaches for."""

import os
import runpy
import sys

PROGRAMS = ("subprocess.Popen", "os.exec", "os.posix_spawn", "os.system", "os.fork", "os.forkpty")


def listen(log: str) -> None:
    """Note every socket and every program from now on, whatever becomes of it."""
    target = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

    def note(event: str, arguments: tuple[object, ...]) -> None:
        if event.startswith("socket.") or event in PROGRAMS:
            said = [one for one in arguments[:3] if not hasattr(one, "fileno")]
            plain = repr(_plain(said if event.startswith("socket.") else said[:2]))
            os.write(target, f"{(os.getpid(), event, plain)!r}\n".encode())

    os.write(target, f"{(os.getpid(), 'listening', '()')!r}\n".encode())
    sys.addaudithook(note)


def _plain(value: object) -> object:
    """Return a value as what `ast.literal_eval` reads back."""
    if isinstance(value, (list, tuple)):
        return tuple(_plain(one) for one in value)
    return value if isinstance(value, (bytes, int, str, type(None))) else str(value)


if __name__ == "__main__":
    _, target, program, *words = sys.argv
    listen(target)
    sys.argv = [program, *words]
    runpy.run_path(program, run_name="__main__")
