"""No secret is tracked, or ever was; and what looks for them finds each kind."""

import shutil
import subprocess
from pathlib import Path

import pytest

from tools import leaks

ROOT = Path(__file__).parents[2]
HEX = "0123456789abcdef"
HOOK = f"{HEX[:8]}-{HEX[:4]}-{HEX[:4]}-{HEX[:4]}-{HEX[:12]}"
# Made up, and cut in two, so that they are no hits themselves.
EXAMPLES = {
    "private key": ("-----BEGIN RSA PRI", "VATE KEY-----"),
    "AWS key": ("id: AK", "IAQWERTYUIOPASDFGH"),
    "Alibaba Cloud key": ("LT", "AI5tQwErTyUiOpAsDfGh"),
    "Tencent Cloud key": ("AK", f"ID{HEX}{HEX}"),
    "Google key": ("AI", f"za{HEX}{HEX}abc"),
    "GitHub token": ("gh", f"p_{HEX}{HEX}abcd"),
    "GitLab token": ("glp", "at-QwErTy_1234567890-ab"),
    "Slack token": ("xo", "xb-123456789012-abcdef"),
    "Slack address": (
        "https://hooks.sla",
        f"ck.com/services/T0123456789/B0123456789/{HEX}abcdefgh",
    ),
    "Feishu address": ("https://open.feishu.cn/open-apis/b", f"ot/v2/hook/{HOOK}"),
    "DingTalk address": ("https://oapi.dingtalk.com/rob", f"ot/send?access_token={HEX * 4}"),
    "WeCom address": ("https://qyapi.weixin.qq.com/cgi-bin/web", f"hook/send?key={HOOK}"),
    "Stripe key": ("sk_l", f"ive_{HEX}abcdefgh"),
    "PyPI token": ("py", f"pi-AgE{HEX * 4}"),
    "Hugging Face token": ("h", f"f_{HEX}{HEX}ab"),
    "model key": ("sk", f"-proj-{HEX}{HEX}"),
    "web token": ("ey", f"JhbGciOiJIUzI1NiJ9.eyJzdWIiOiJvd25lciJ9.{HEX}{HEX}"),
    "address with a password": ("postgres://owner:Tr0ub4", "dor-and-3@db.example.net/stock"),
    "password": ('TEAM_SECRET = "', 'q8Vd71KfzT0mWc53XyLp"'),
}
HARMLESS = (
    "    --hash=sha256:" + HEX * 4,
    'integrity = "sha384-' + HEX * 3 + '"',
    'password: str = ""',
    "LEEWAY_SECRET_FILE=/run/secrets/leeway-team-secret-1",
    "secret = hashlib.sha256(token.encode()).hexdigest()",
    "mailtos://user:password@example.com",
    "https://user:$PASSWORD@example.com/",
    "pages/shared/session.py:120: task-force-of-sk-shaped-words",
)


def test_every_pattern_finds_its_example():
    assert [*EXAMPLES] == [*leaks.PATTERNS]
    for kind, halves in EXAMPLES.items():
        assert list(leaks.found(["", "".join(halves)])) == [(2, kind)]


def test_what_is_no_secret_is_none():
    assert list(leaks.found(HARMLESS)) == []
    for lock in ROOT.glob("requirements*.txt"):
        assert list(leaks.found(lock.read_text().splitlines())) == []


@pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")
def test_what_was_taken_out_again_is_still_in_the_history(tmp_path, capsys):
    def git(*words):
        name = ("-c", "user.name=a", "-c", "user.email=a@example.com")
        subprocess.run(["git", "-C", str(tmp_path), *name, *words], check=True, capture_output=True)

    kept = tmp_path / "settings.py"
    git("init", "-q")
    kept.write_text("a = 1\n" + "".join(EXAMPLES["AWS key"]) + "\n")
    git("add", ".")
    git("commit", "-qm", "one")
    assert list(leaks.in_files(tmp_path)) == ["settings.py:2: AWS key"]
    kept.write_text("a = 1\n")
    git("commit", "-qam", "two")
    assert list(leaks.in_files(tmp_path)) == []
    [hit] = leaks.in_history(tmp_path)
    assert hit.endswith(" settings.py: AWS key")
    assert leaks.main(tmp_path) == 1
    said = capsys.readouterr().out
    assert "settings.py: AWS key" in said
    assert "".join(EXAMPLES["AWS key"])[4:] not in said


def test_a_folder_without_a_history_says_so(tmp_path, capsys):
    (tmp_path / "a.py").write_text("a = 1\n")
    assert leaks.main(tmp_path) == 0
    assert "there is none here" in capsys.readouterr().out


def test_no_tracked_file_holds_a_secret():
    assert list(leaks.in_files()) == []


def test_no_secret_was_ever_tracked():
    past = leaks.in_history()
    if past is None:
        pytest.skip("there is no git history here")
    assert past == []
