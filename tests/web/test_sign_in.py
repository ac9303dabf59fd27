"""Signing in by a team's secret and out again, as a browser, a guesser and a forger meet it."""

import shutil
from dataclasses import replace
from datetime import UTC, datetime
from urllib.parse import urlencode

import pytest
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from analytics import web
from analytics.access import Register
from analytics.i18n import LANGUAGES, Translator
from analytics.services import hosting as hosts
from analytics.services.hosting import Hosting
from analytics.services.throttling import Throttle
from analytics.web import sign_in as sign_in_doors
from analytics.web.visits import House

from .asking import HOST, Client, action_of, sign_in, token_of

SECRET, EDITORS = "correct horse battery staple", "another long sentence of theirs"
SESSION, GUEST = "leeway_session", "leeway_guest"
EN, ZH = Translator("en"), Translator("zh")


def nothing(_message):
    return ()


def app(hosting, base=""):
    anything = ["GET", "POST", "PUT", "DELETE", "OPTIONS"]
    routes = [
        *web.doors(hosting, base=base),
        Route("/{any:path}", lambda _: PlainTextResponse("app"), methods=anything),
    ]
    middleware = web.stack(hosting, base=base, page="", farewell=b"", told=nothing, asked=nothing)
    return Starlette(routes=routes, middleware=middleware)


@pytest.fixture(scope="module")
def furnished(tmp_path_factory):
    """A home whose first workspace has secrets for two roles: making them is slow on purpose."""
    home = tmp_path_factory.mktemp("home")
    with Register.open(home) as register:
        for role, secret in (("owner", SECRET), ("editor", EDITORS)):
            register.set_secret("main", role, secret, who="", now=datetime.now(UTC))
    return home


@pytest.fixture
def hosting(furnished, tmp_path, monkeypatch):
    monkeypatch.setenv("LEEWAY_WORKSPACE", str(tmp_path / "own"))
    home = shutil.copytree(furnished, tmp_path / "home")
    hosting = Hosting("password", home=home, public_url=f"https://{HOST}")
    yield hosting
    hosts.register(hosting).close()


@pytest.fixture
def client(hosting):
    return Client(app(hosting))


def test_the_secret_opens_and_the_browser_goes_where_it_was_going(client, hosting):
    away = client.page("/delays?lead_time_delay_days=21&item=A%26B")
    assert (away.status_code, away.headers["cache-control"]) == (303, "no-store")
    answer = sign_in(client, SECRET, path=away.location)
    assert answer.status_code == 303
    assert answer.location == "/delays?lead_time_delay_days=21&item=A%26B"
    assert client.page("/delays").text == "app"
    [row] = hosts.register(hosting).sessions("main", now=datetime.now(UTC))
    assert row.name == "Ann"


def test_the_cookie_goes_by_tls_only_and_no_script_reads_it(client):
    [text] = [text for text in sign_in(client, SECRET).set_cookies if text.startswith(SESSION)]
    parts = {part.strip().casefold() for part in text.split(";")[1:]}
    assert {"httponly", "secure", "samesite=lax", "path=/"} <= parts


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS"])
def test_without_a_session_nothing_is_given(client, method):
    paths = ("/", "/media/x.csv", "/_stcore/metrics", "/static/js/x.js", "/_stcore/health",
             "/sign-in/", "/s", "/oidc", "/healthz/x", "//s/x", "/S/x", "/x/sign-in")  # fmt: skip
    assert {client.ask(method, path).status_code for path in paths} == {401}
    for held in ({SESSION: "forged", GUEST: "forged"}, {GUEST: "../../etc.forged"}):
        client.cookies = dict(held)
        assert client.ask(method, "/media/x.csv").status_code == 401


def test_a_cookie_that_was_signed_out_opens_nothing_however_often_it_comes(client):
    sign_in(client, SECRET)
    kept = client.cookies[SESSION]
    form = client.page("/sign-out")
    answer = client.send(action_of(form), {"token": token_of(form)})
    assert (answer.status_code, SESSION in client.cookies) == (303, False)
    assert EN("sign_in.left") in client.page(answer.location).text
    client.cookies = {SESSION: kept}
    assert [client.get("/").status_code for _ in range(20)] == [401] * 20


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_team_without_a_name_opens_by_what_its_pages_call_it(hosting, client, language):
    """Beside a second team the form asks for the team, and pages never say "main"."""
    register, now = hosts.register(hosting), datetime.now(UTC)
    register.create_room("Birch", who="", now=now)
    shown = Translator(language)("team.first_room")
    for spelt in (shown, f"  {shown.upper()} ", "main", ""):
        assert sign_in(client, SECRET, team=spelt).status_code == 303
        assert [*hosts.visitor(hosting, client.cookies[SESSION]).grants] == ["main"]
        client.cookies = {}
    register.rename_room("main", "Aspen", who="", now=now)
    assert sign_in(client, SECRET, team=shown).status_code == 401
    other = register.create_room(shown, who="", now=now)
    register.set_secret(other.workspace_id, "owner", EDITORS[::-1], who="", now=now)
    assert sign_in(client, EDITORS[::-1], team=shown).status_code == 303
    assert [*hosts.visitor(hosting, client.cookies[SESSION]).grants] == [other.workspace_id]


def test_a_new_session_at_every_sign_in(client):
    sign_in(client, SECRET)
    first = client.cookies[SESSION]
    sign_in(client, EDITORS, path="/sign-in?team=main")
    assert client.cookies[SESSION] != first
    assert client.get("/").status_code == 200
    client.cookies = {SESSION: first}
    assert client.get("/").status_code == 401


def test_a_new_secret_ends_the_sessions_of_the_old_one(client, hosting):
    sign_in(client, EDITORS)
    assert client.get("/").status_code == 200
    hosts.register(hosting).set_secret(
        "main", "editor", "a third long sentence", who="Ann", now=datetime.now(UTC)
    )
    assert client.get("/").status_code == 401


def test_five_misses_and_the_sixth_waits_even_with_the_secret(client):
    answers = [sign_in(client, f"wrong {number}") for number in range(5)]
    assert {answer.status_code for answer in answers} == {401}
    assert all(EN("sign_in.wrong") in answer.text for answer in answers)
    late = sign_in(client, SECRET)
    assert (late.status_code, EN("sign_in.slow_down", minutes="15") in late.text) == (429, True)
    other = Client(client.app, address="198.51.100.8")
    assert sign_in(other, SECRET).status_code == 303


def test_a_team_is_not_guessed_from_many_addresses(hosting):
    assert (House(hosting).clients.most, House(hosting).teams.most) == (5, 30)
    house = House(hosting, teams=Throttle(most=3, seconds=900))
    app = Starlette(routes=sign_in_doors.doors(house))
    codes = []
    for number in range(4):
        guesser = Client(app, address=f"203.0.113.{number}")
        codes.append(sign_in(guesser, "a guess of mine").status_code)
    assert codes == [401] * 3 + [429]


def test_addresses_of_one_line_are_one_guesser(client):
    codes = []
    for number in range(6):
        guesser = Client(client.app, address=f"2001:db8:1:2::{number}")
        codes.append(sign_in(guesser, "a guess of mine").status_code)
    assert codes == [401] * 5 + [429]


def test_who_signs_in_often_never_waits(client):
    codes = [sign_in(client, SECRET, path="/sign-in?team=main").status_code for _ in range(6)]
    assert codes == [303] * 6


@pytest.mark.parametrize("change", ["token", "cookie", "both"])
def test_a_form_that_is_not_ours_is_not_taken(client, change):
    form = client.page("/sign-in")
    fields = {"name": "Ann", "secret": SECRET, "token": token_of(form)}
    if change != "cookie":
        fields["token"] = token_of(Client(client.app).page("/sign-in"))
    if change != "token":
        client.cookies.clear()
    answer = client.send("/sign-in", fields)
    assert (answer.status_code, SESSION in client.cookies) == (400, False)


def test_signing_out_takes_a_form_of_ours(client):
    sign_in(client, SECRET)
    assert client.send("/sign-out", {"token": "x"}).status_code == 200
    assert client.get("/").status_code == 200


@pytest.mark.parametrize(
    "wanted", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)",
               "/sign-out", "/s/token", "", "/\x01", "/..//evil.example"]
)  # fmt: skip
def test_nobody_is_sent_elsewhere(client, wanted):
    answer = sign_in(client, SECRET, path=f"/sign-in?{urlencode({'next': wanted})}")
    assert (answer.status_code, answer.location) == (303, "/")


@pytest.mark.parametrize("name", ["", "   ", "x" * 61, "\u202eevil"])
def test_a_name_is_asked_for(client, name):
    answer = sign_in(client, SECRET, name=name)
    assert (answer.status_code, EN("sign_in.no_name") in answer.text) == (400, True)


def test_what_was_typed_is_text_and_the_secret_never_comes_back(client):
    answer = sign_in(client, "<b>my guess</b>", name='"><script>x</script>')
    assert "<script" not in answer.text
    assert "my guess" not in answer.text


def test_too_much_is_not_read(client):
    assert client.send("/sign-in", {"secret": "x" * 9000}).status_code == 413


@pytest.mark.parametrize(("asked", "t"), [("zh-CN,zh;q=0.9,en", ZH), ("de,en", EN)])
def test_the_page_speaks_the_visitors_language(client, asked, t):
    page = client.page("/sign-in", accept_language=asked).text
    other = {ZH: EN, EN: ZH}[t]
    assert f"<h1>{t('sign_in.title')}</h1>" in page
    chosen = client.page(f"/sign-in?lang={other.language}", accept_language=asked).text
    assert f"<h1>{other('sign_in.title')}</h1>" in chosen


def test_a_team_is_asked_for_where_there_are_several(client, hosting):
    assert 'name="team"' not in client.page("/sign-in").text
    register = hosts.register(hosting)
    now = datetime.now(UTC)
    room = register.create_room("Tea shop", who="Ann", now=now)
    register.set_secret(room.workspace_id, "owner", "the tea shop's own words", who="", now=now)
    assert 'name="team"' in client.page("/sign-in").text
    assert sign_in(client, "the tea shop's own words").status_code == 401
    assert sign_in(client, "the tea shop's own words", team="tea shop").status_code == 303


def test_below_a_path_everything_stays_below_it(hosting):
    base = "/tools/stock"
    client = Client(app(replace(hosting, public_url=f"https://{HOST}{base}"), base))
    away = client.page(f"{base}/delays")
    assert away.location.startswith(f"{base}/sign-in?")
    answer = sign_in(client, SECRET, path=away.location)
    assert answer.location == f"{base}/delays"
    assert any(f"Path={base};" in text for text in answer.set_cookies)
    assert client.get(f"{base}/").status_code == 200
    client.cookies.clear()
    assert [client.get(path).status_code for path in ("/sign-in", "/", "/s/x")] == [401] * 3
