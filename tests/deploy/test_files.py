"""The files that host the app say what they should, and the pages about them say the same."""

import configparser
import re
import shutil
import subprocess
import sys
import sysconfig
from ipaddress import ip_address, ip_network
from pathlib import Path

import pytest
import yaml

from tests.deploy import steps

ROOT = Path(__file__).parents[2]
CONTAINERFILE = (ROOT / "Containerfile").read_text("utf-8")
STEPS = steps.steps(CONTAINERFILE)
COMPOSE = yaml.safe_load((ROOT / "compose.yaml").read_text("utf-8"))
PAGES = {
    name: (ROOT / "docs" / name).read_text("utf-8") for name in ("hosting.md", "hosting.zh.md")
}
VARIABLE = re.compile(r"LEEWAY_[A-Z_]+[A-Z]")


def of(word):
    return [step.text for step in STEPS if step.word == word]


# The container


@pytest.mark.skipif(sys.platform == "win32", reason="the linter is not packed for Windows")
def test_the_linter_has_nothing_to_say():
    linter = Path(sysconfig.get_path("scripts")) / "hadolint"
    done = subprocess.run(
        [linter, "--no-color", str(ROOT / "Containerfile")],
        capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (0, "")


def test_base_images_are_named_with_a_version_and_nothing_else_comes_from_outside():
    images = {text.split()[0] for text in of("FROM")}
    assert all(re.fullmatch(r"python:3\.\d+-slim", image) for image in images)
    assert "://" not in CONTAINERFILE
    assert not of("ADD")
    assert not re.search(r"\b(curl|wget|apt-get|git)\b", CONTAINERFILE)


def test_packages_come_by_their_hashes_only():
    installs = re.findall(r"pip install[^&\n]*", CONTAINERFILE)
    assert installs
    assert all("--require-hashes" in line or "--no-index" in line for line in installs)


def test_the_app_runs_as_nobody_and_owns_nothing_but_its_data():
    words = [step.word for step in STEPS]
    assert of("USER") == ["10001:10001"]
    assert words.index("USER") > max(at for at, word in enumerate(words) if word in {"RUN", "COPY"})
    assert of("VOLUME") == ['["/data"]']
    assert "--chown" not in CONTAINERFILE


def test_no_secret_stands_in_the_image():
    assert not re.search(r"(?i)(password|secret|token|key)\s*=", " ".join(of("ENV") + of("ARG")))


def test_health_is_asked_without_a_shell():
    (text,) = of("HEALTHCHECK")
    assert text.endswith('CMD ["python", "deploy/healthy.py"]')


def test_what_is_let_into_a_build_is_what_the_app_needs():
    rules = (ROOT / steps.IGNORES).read_text("utf-8")
    inside = {path.as_posix() for path in steps.let_through(ROOT, rules)}
    assert {
        "app.py",
        "asgi.py",
        "analytics/cli.py",
        "pages/replenish.py",
        "requirements.txt",
    } <= inside
    assert {"pages/shared/icon.svg", "analytics/i18n/zh.toml", ".streamlit/config.toml"} <= inside
    folders = {path.split("/")[0] for path in inside}
    assert not folders & {".git", ".venv", "tests", "notebooks", "workspace", "build", "benchmarks"}
    assert not [
        path for path in inside if re.search(r"secret(s\.toml|$)|\.env$|\.pyc$|\.duckdb", path)
    ]
    assert {path for path in inside if path.startswith("deploy/")} == {"deploy/healthy.py"}


def test_what_is_let_in_stands_where_docker_looks():
    """An engine takes the first that is there; Docker knows no ``.containerignore``."""
    names = {path.name for path in ROOT.iterdir() if path.name.endswith("ignore")}
    assert steps.IGNORES == ".dockerignore"
    assert names == {".dockerignore", ".gitignore"}
    assert not list((ROOT / "deploy").glob("*ignore"))
    assert COMPOSE["services"]["app"]["build"] == {"context": ".", "dockerfile": "Containerfile"}


@pytest.mark.parametrize(
    "secret",
    [
        ".streamlit/secrets.toml", "deploy/leeway.env", "deploy/caddy.env", ".env", "secret",
        ".git/config", ".venv/bin/python", "a/.venv/x", "workspace/workspace.duckdb",
        "data/workspace/workspace.duckdb", "data.host/access.sqlite", "leaving.zip",
    ],
)  # fmt: skip
def test_secrets_beside_the_source_stay_outside(secret, tmp_path):
    path = tmp_path / secret
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("x")
    (tmp_path / "data" / "sample").mkdir(parents=True)
    (tmp_path / "app.py").write_text("x")
    rules = (ROOT / steps.IGNORES).read_text("utf-8")
    assert [path.as_posix() for path in steps.let_through(tmp_path, rules)] == ["app.py"]


# The services


@pytest.mark.parametrize("name", ["app", "caddy"])
def test_every_service_is_held_down(name):
    service = COMPOSE["services"][name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["mem_limit"]
    assert service["pids_limit"] <= 512
    assert service["restart"] == "unless-stopped"


def test_one_copy_of_the_app_runs_and_nobody_reaches_it_but_caddy():
    app = COMPOSE["services"]["app"]
    assert app["deploy"]["replicas"] == 1
    assert "ports" not in app
    assert list(app["networks"]) == ["inside"]
    assert COMPOSE["networks"]["inside"]["internal"] is True
    assert app["volumes"] == ["data:/data"]


def test_only_caddy_is_believed_about_visitors():
    subnet = ip_network(COMPOSE["networks"]["inside"]["ipam"]["config"][0]["subnet"])
    here = {
        name: ip_address(service["networks"]["inside"]["ipv4_address"])
        for name, service in COMPOSE["services"].items()
    }
    assert len(set(here.values())) == 2
    assert all(address in subnet for address in here.values())
    assert COMPOSE["services"]["app"]["environment"]["LEEWAY_TRUSTED_PROXIES"] == str(here["caddy"])


def test_caddy_is_told_the_address_and_no_secret():
    caddy = COMPOSE["services"]["caddy"]
    assert COMPOSE["services"]["app"]["env_file"] == "deploy/leeway.env"
    assert caddy["env_file"] == "deploy/caddy.env"
    assert [*caddy["environment"]] == ["LEEWAY_SERVER"]
    example = (ROOT / "deploy" / "caddy.env.example").read_text("utf-8")
    assert [line for line in example.splitlines() if not line.startswith("#")] == [
        "LEEWAY_ADDRESS=leeway.example.com"
    ]
    for page in PAGES.values():
        assert "EnvironmentFile=/etc/leeway/caddy" in page
        assert "[Service]\\nEnvironmentFile=/etc/leeway/env" not in page


def test_commands_run_as_the_service_does():
    """Whoever types them is root; what they make has to be the service's."""
    parser = configparser.ConfigParser(strict=False, interpolation=None)
    parser.optionxform = str
    parser.read(ROOT / "deploy" / "leeway.service")
    service = parser["Service"]
    text = (ROOT / "deploy" / "leeway.service").read_text("utf-8")
    for page in PAGES.values():
        (block,) = [block for block in blocks(page) if "systemd-run" in block]
        for name in ("DynamicUser", "User", "StateDirectory", "UMask", "EnvironmentFile"):
            assert f"-p {name}={service[name]} " in block
        for name in ("LEEWAY_HOME", "LEEWAY_WORKSPACE"):
            (value,) = re.findall(rf"Environment={name}=(\S+)", text)
            assert f"-E {name}={value} " in block
        assert re.search(rf"{service['ExecStart'].split()[0]} \"\$@\"; }}", block)


def test_the_service_file_closes_what_the_container_closes():
    parser = configparser.ConfigParser(strict=False, interpolation=None)
    parser.optionxform = str
    parser.read(ROOT / "deploy" / "leeway.service")
    service = parser["Service"]
    closed = ("NoNewPrivileges", "PrivateTmp", "PrivateDevices", "ProtectHome", "DynamicUser")
    assert [service[name] for name in closed] == ["yes"] * 5
    assert (service["ProtectSystem"], service["CapabilityBoundingSet"]) == ("strict", "")
    assert "--host 127.0.0.1" in service["ExecStart"]
    assert service["OOMPolicy"] == "continue", "one reader is not the server"


def test_the_service_is_as_closed_as_its_own_examiner_wants():
    examiner = shutil.which("systemd-analyze")
    if examiner is None:
        pytest.skip("No systemd-analyze at hand.")
    command = [examiner, "security", "--offline=true", "--threshold=20", "deploy/leeway.service"]
    done = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=30
    )
    assert done.returncode == 0, done.stdout + done.stderr


# The pages about them


def blocks(text):
    return [
        re.sub(r"(?m)^ +", "", block) for block in re.findall(r"```\w+\n(.*?)```", text, re.DOTALL)
    ]


def test_both_languages_give_the_same_commands():
    zh, en = blocks(PAGES["hosting.zh.md"]), blocks(PAGES["hosting.md"])
    assert len(en) > 10
    assert zh == en


def test_both_languages_name_the_same_settings_and_the_code_knows_them():
    named = {name: set(VARIABLE.findall(text)) for name, text in PAGES.items()}
    assert named["hosting.md"] == named["hosting.zh.md"]
    sources = "\n".join(path.read_text("utf-8") for path in ROOT.glob("analytics/**/*.py"))
    # Some are read by the last part of their name; those of Caddy are in its own file.
    known = set(VARIABLE.findall(sources)) | set(
        VARIABLE.findall((ROOT / "deploy" / "Caddyfile").read_text("utf-8"))
    )
    known |= {f"LEEWAY_{name}" for name in re.findall(r'said\("([A-Z_]+)"\)', sources)}
    assert named["hosting.md"] - known == set()


def test_what_the_pages_point_to_is_there():
    for text in PAGES.values():
        titles = {
            re.sub(r"[^\w\- ]", "", title).strip().lower().replace(" ", "-")
            for title in re.findall(r"(?m)^#+ (.*)$", text)
        }
        assert set(re.findall(r"\]\(#([^)]+)\)", text)) <= titles
        for path in re.findall(r"\]\((?!https://)([^#)][^)]*)\)", text):
            assert (ROOT / "docs" / path).exists(), path
        assert set(re.findall(r"\]\(https://([^/]+)", text)) <= {"docs.docker.com"}
        for path in re.findall(r"\bdeploy/[\w.]+\w", text):
            assert (ROOT / path).exists() or path in {"deploy/leeway.env", "deploy/caddy.env"}


def test_the_example_of_settings_is_complete_but_for_its_secrets():
    text = (ROOT / "deploy" / "leeway.env.example").read_text("utf-8")
    lines = [line.lstrip("#") for line in text.splitlines() if re.match(r"#?[A-Z_]+=", line)]
    assert all(VARIABLE.match(line) or line.startswith("TZ=") for line in lines)
    assert {"LEEWAY_PUBLIC_URL", "LEEWAY_ACCESS"} <= {line.partition("=")[0] for line in lines}
