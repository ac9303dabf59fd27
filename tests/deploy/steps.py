"""The Containerfile's steps, carried out in a fresh folder without a container engine.

``make try-image`` does what an engine would do, on this machine: every ``COPY`` takes what
``.dockerignore`` lets through, every ``RUN`` runs as it is written, in a folder that stands for
the image's root, with a fresh environment of Python in the place of the base image's. Then the app
starts as somebody who can write in its data folder and nowhere else, and is asked for its health.

What only an engine could do (users of the image, the network) is left out, and said.
"""

import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath

ROOT = Path(__file__).parents[2]
# Docker reads this name, or the Containerfile's own with this ending; Podman and Buildah do, too.
IGNORES = ".dockerignore"
_STANDS_IN = ("/opt/leeway", "/data", "/app")
_ENGINE_ONLY = ("groupadd", "useradd", "install -d -o")
_PATIENCE = 120.0  # seconds


@dataclass(frozen=True, slots=True)
class Step:
    """One instruction: its word, and what follows it on one line."""

    word: str
    text: str


@dataclass(slots=True)
class Image:
    """What the steps have led to so far."""

    root: Path
    folder: str = "/"
    environment: dict[str, str] = field(default_factory=dict)
    told: list[str] = field(default_factory=list)

    def place(self, path: str) -> Path:
        """Return where a path of the image is on this machine."""
        absolute = PurePosixPath(self.folder) / path
        return self.root.joinpath(*absolute.parts[1:])


def steps(text: str) -> list[Step]:
    """Return the instructions of a Containerfile.

    >>> steps("# first\\nFROM a AS b\\nRUN one \\\\\\n && two")
    [Step(word='FROM', text='a AS b'), Step(word='RUN', text='one && two')]
    """
    lines = [line for line in text.splitlines() if not line.lstrip().startswith("#")]
    joined = re.sub(r"\s*\\\n\s*", " ", "\n".join(lines))
    words = (line.strip().partition(" ") for line in joined.splitlines() if line.strip())
    return [Step(word.upper(), rest.strip()) for word, _, rest in words]


def let_through(folder: Path, rules: str) -> Iterator[Path]:
    """Yield the files of a folder that its ignore file lets into a build, relative to it."""
    patterns = [line.strip() for line in rules.splitlines()]
    patterns = [line for line in patterns if line and not line.startswith("#")]
    named = [line[1:] for line in patterns if line.startswith("!")]
    for name in named:
        place = folder / name
        found = [place] if place.is_file() else sorted(place.rglob("*"))
        for path in found:
            relative = path.relative_to(folder)
            if path.is_file() and not _is_shut_out(relative, patterns):
                yield relative


def _is_shut_out(path: Path, patterns: list[str]) -> bool:
    """Return what the last rule that fits a path, or a folder above it, says."""
    shut = False
    for pattern in patterns:
        rule = pattern.removeprefix("!")
        if any(_fits(place, rule) for place in (path, *path.parents)):
            shut = not pattern.startswith("!")
    return shut


def _fits(path: Path, rule: str) -> bool:
    if rule.startswith("**/"):
        return fnmatchcase(path.name, rule.removeprefix("**/"))
    return fnmatchcase(path.as_posix(), rule) and path.as_posix().count("/") == rule.count("/")


def carry_out(image: Image, todo: list[Step], context: list[Path], *, python: str) -> None:
    """Do the steps one after the other."""
    for step in todo:
        if step.word == "WORKDIR":
            image.folder = step.text
            image.place("").mkdir(parents=True, exist_ok=True)
        elif step.word == "ENV":
            image.environment |= dict(pair.split("=", 1) for pair in shlex.split(step.text))
        elif step.word == "COPY":
            _copy(image, step.text, context)
        elif step.word == "RUN":
            _run(image, step.text, python)


def _copy(image: Image, text: str, context: list[Path]) -> None:
    if text.startswith("--from="):  # both stages share one root here
        return
    source, target = text.split()
    for path in context:
        if source in {".", path.as_posix()}:
            to = image.place(target) / path
            to.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / path, to)


def _run(image: Image, text: str, python: str) -> None:
    """Run a step's commands one by one, with the image's folders where they stand in."""
    for command in (part.strip() for part in text.split("&&")):
        if command.startswith(_ENGINE_ONLY):
            image.told.append(f"left to an engine: {command}")
            continue
        began = time.monotonic()
        subprocess.run(
            ["/bin/sh", "-ec", _moved(image, command)],
            cwd=image.place(""),
            env=environment(image, python),
            check=True,
        )
        image.told.append(f"{time.monotonic() - began:6.1f} s  {command}")


def _moved(image: Image, text: str) -> str:
    for path in _STANDS_IN:
        text = text.replace(path, str(image.root) + path)
    return text


def environment(image: Image, python: str) -> Mapping[str, str]:
    """Return the variables of the image; of this machine's, only how to reach an index."""
    path = f"{Path(python).parent}:/usr/local/bin:/usr/bin:/bin"
    index = {name: value for name, value in os.environ.items() if name.startswith("PIP_")}
    named = {name: _moved(image, value) for name, value in image.environment.items()}
    if "PATH" in named:
        path = named["PATH"].replace("$PATH", path)
    return index | named | {"PATH": path, "HOME": str(image.root / "nonexistent")}


def main() -> int:
    """Carry out the steps, start the app from them, and say how long each took."""
    todo = steps((ROOT / "Containerfile").read_text("utf-8"))
    context = list(let_through(ROOT, (ROOT / IGNORES).read_text("utf-8")))
    with tempfile.TemporaryDirectory(prefix="leeway-image-") as name:
        os.chmod(name, 0o755)  # noqa: PTH101 - so that the other user reaches what is in it
        image = Image(Path(name))
        carry_out(image, todo, context, python=sys.executable)
        image.told.append(_started(image))
        subprocess.run(["chmod", "-R", "u+w", name], check=True)
        size = sum(path.stat().st_size for path in image.root.rglob("*") if path.is_file())
        image.told.append(f"{size >> 20} MB beside the base image")
    print("\n".join(image.told))
    return 0


def _started(image: Image) -> str:
    """Start the app as the image would, and wait until it is well."""
    from tests.deploy.caddy import free_port

    data = image.root / "data"
    data.mkdir(mode=0o700, exist_ok=True)
    (image.root / "secret").write_text("a long and rare sentence 71")
    port = str(free_port())
    powers, user = _without_rights(image)
    given = environment(image, sys.executable) | {
        "LEEWAY_PORT": port,
        "LEEWAY_SECRET_FILE": str(image.root / "secret"),
        "TMPDIR": str(data),
    }
    leeway = str(image.root / "opt/leeway/bin/leeway")
    command = [*powers, leeway, "serve", "--host", "127.0.0.1", "--port", port]
    app = image.root / "app"
    began = time.monotonic()
    with (image.root / "log").open("wb") as log:
        server = subprocess.Popen(command, cwd=app, env=given, stdout=log, stderr=log, **user)
    try:
        while time.monotonic() - began < _PATIENCE and server.poll() is None:
            asked = subprocess.run(
                [sys.executable, "deploy/healthy.py"], cwd=app, env=given, check=False
            )
            if asked.returncode == 0:
                return f"{time.monotonic() - began:6.1f} s  until the app was well"
            time.sleep(0.2)
    finally:
        server.kill()
        server.wait(20)
    raise SystemExit((image.root / "log").read_text())


def _without_rights(image: Image) -> tuple[list[str], dict[str, int]]:
    """Return how to start a process that can write to the data and to nothing else of the image.

    Another user, as in the image, where that one could reach this machine's Python; else ourselves,
    without any power of root, and every file closed for writing. Only root can do either.
    """
    if os.geteuid() != 0:
        image.told.append("left out: starting with fewer rights, which takes root")
        return [], {}
    if _is_reachable(Path(sys.executable).resolve()):
        image.told.append("started as user 10001, all files being root's")
        os.chown(image.root / "data", 10001, 10001)
        return [], {"user": 10001, "group": 10001}
    image.told.append("started without any power of root, all files closed for writing")
    for folder in ("app", "opt"):
        subprocess.run(["chmod", "-R", "a-w", str(image.root / folder)], check=True)
    return ["setpriv", "--bounding-set=-all", "--inh-caps=-all", "--no-new-privs"], {}


def _is_reachable(path: Path) -> bool:
    """Return whether everybody may reach a file."""
    return all(place.stat().st_mode & 0o001 for place in (path, *path.parents))


if __name__ == "__main__":
    sys.exit(main())
