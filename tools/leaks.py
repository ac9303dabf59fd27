"""Look for secrets in what is tracked, and in all that ever was: files and history, offline.

Part of ``make audit``. Ends with 1 if something looks like one. It says where, never what.
"""

import re
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from types import MappingProxyType

ROOT = Path(__file__).parents[1]
_PATIENCE = 120  # seconds
_LONGEST = 20_000  # characters of a line that are looked at

# What keys look like, by who gives them out; the last two are what people write themselves.
PATTERNS: Mapping[str, re.Pattern[str]] = MappingProxyType(
    {
        "private key": re.compile(r"-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----"),
        "AWS key": re.compile(r"\b(?:AKIA|ASIA)[A-Z2-7]{16}\b"),
        "Alibaba Cloud key": re.compile(r"\bLTAI[A-Za-z0-9]{16,24}\b"),
        "Tencent Cloud key": re.compile(r"\bAKID[A-Za-z0-9]{32}\b"),
        "Google key": re.compile(r"\bAIza[\w-]{35}"),
        "GitHub token": re.compile(r"\b(?:gh[pousr]_[A-Za-z0-9]{36}|github_pat_\w{60,})"),
        "GitLab token": re.compile(r"\bglpat-[\w-]{20}"),
        "Slack token": re.compile(r"\bxox[abeoprs]-[\w-]{10,}"),
        "Slack address": re.compile(r"hooks\.slack\.com/services/T\w{8,}/B\w{8,}/\w{20,}"),
        "Feishu address": re.compile(
            r"open\.(?:feishu\.cn|larksuite\.com)/open-apis/bot/v2/hook/[0-9a-f-]{36}"
        ),
        "DingTalk address": re.compile(
            r"oapi\.dingtalk\.com/robot/send\?access_token=[0-9a-f]{64}"
        ),
        "WeCom address": re.compile(
            r"qyapi\.weixin\.qq\.com/cgi-bin/webhook/send\?key=[0-9a-f-]{36}"
        ),
        "Stripe key": re.compile(r"\b[rs]k_live_[A-Za-z0-9]{20,}"),
        "PyPI token": re.compile(r"\bpypi-AgE[\w-]{50,}"),
        "Hugging Face token": re.compile(r"\bhf_[A-Za-z0-9]{34}\b"),
        "model key": re.compile(r"\bsk-(?:ant-|proj-)?[A-Za-z0-9_-]{32,}"),
        "web token": re.compile(r"\beyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]{20,}"),
        "address with a password": re.compile(
            r"\b[a-z][a-z0-9+.-]{1,15}://[^\s:/@'\"{}<>]+:(?!password@|secret@|[*$%])[^\s:/@'\"{}<>]{8,}@[\w.-]+"
        ),
        "password": re.compile(
            r"(?i)\b\w*(?:passw(?:or)?d|secret|token|api_?key|access_?key)\w*[\"']?\s*[:=]\s*"
            r"[\"']?(?!/)(?=[^\s\"']*[0-9])(?=[^\s\"']*[A-Za-z])[A-Za-z0-9+/_=-]{20,}(?![\w.(\[])"
        ),
    }
)
_KNOWN = re.compile(r"sha(?:256|384|512)[:-]|--hash=")  # sums of what is public
_MADE_UP = ("Zq7-never-to-be-told",)  # by tests, which let nobody in


def found(lines: Iterable[str]) -> Iterator[tuple[int, str]]:
    """Yield the number of each line that holds what looks like a secret, and which kind.

    >>> list(found(["nothing", "key = " + "AKIA" + "Q" * 16]))
    [(2, 'AWS key')]
    """
    for number, line in enumerate(lines, 1):
        kind = _kind_of(line[:_LONGEST])
        if kind:
            yield number, kind


def _kind_of(line: str) -> str:
    if any(word in line for word in _MADE_UP):
        return ""
    kinds = (kind for kind, pattern in PATTERNS.items() if pattern.search(line))
    kind = next(kinds, "")
    return "" if kind == "password" and _KNOWN.search(line) else kind


def in_files(root: Path = ROOT) -> Iterator[str]:
    """Yield where something in a tracked file looks like a secret; without git, in any file."""
    for path in _files(root):
        try:
            lines = path.read_text("utf-8").splitlines()
        except (OSError, UnicodeDecodeError):  # a link to nowhere, or no text
            continue
        for number, kind in found(lines):
            yield f"{path.relative_to(root)}:{number}: {kind}"


def in_history(root: Path = ROOT) -> list[str] | None:
    """Return where the history holds what looks like a secret; None where there is no history.

    Raises
    ------
    subprocess.TimeoutExpired
        There is too much of it.
    """
    how = ("--all", "-U0", "--no-color", "--no-ext-diff", "--no-textconv", "--format=commit %h")
    text = _git(root, "log", "-p", *how)
    if not text:
        return None
    commit = file = ""
    hits = []
    for line in text.split("\n"):
        if line.startswith("commit "):
            commit = line.removeprefix("commit ")
        elif line.startswith("+++ "):
            file = line[4:].removeprefix("b/")
        elif line.startswith("+"):
            hits += [f"{commit} {file}: {kind}" for _, kind in found([line[1:]])]
    return hits


def _files(root: Path) -> list[Path]:
    listed = _git(root, "ls-files", "-z")
    if listed:
        return [root / name for name in listed.split("\0") if name]
    return [path for path in root.rglob("*") if path.is_file() and ".venv" not in path.parts]


def _git(root: Path, *words: str) -> str:
    """Return what git says; empty where there is no git, or no repository."""
    try:
        done = subprocess.run(
            ["git", "-C", str(root), *words],  # noqa: S607 - wherever it is installed
            capture_output=True,
            timeout=_PATIENCE,
            check=False,
        )
    except OSError:
        return ""
    return done.stdout.decode("utf-8", "replace") if done.returncode == 0 else ""


def main(root: Path = ROOT) -> int:
    """Look everywhere, print what was found, and return the exit code."""
    hits = list(in_files(root))
    try:
        past = in_history(root)
    except subprocess.TimeoutExpired:
        print("The history was not searched for secrets: it takes too long.")
        past = []
    else:
        if past is None:
            print("The history was not searched for secrets: there is none here.")
    told = [*hits, *(past or ())]
    print("\n".join([*told, f"{len(told)} places look like a secret."]))
    return 1 if told else 0


if __name__ == "__main__":
    sys.exit(main())
