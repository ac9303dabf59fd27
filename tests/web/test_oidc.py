"""Signing in with an identity: what a provider says counts only as far as it can be checked."""

import time
from datetime import UTC, datetime
from urllib.parse import urlencode, urlsplit

import pytest
from joserfc.jwk import ECKey

from analytics.i18n import Translator
from analytics.services import hosting as hosts
from analytics.services.hosting import Hosting

from .asking import HOST, Client
from .provider import CLIENT, SECRET, serving
from .test_sign_in import SESSION, app

EN = Translator("en")


@pytest.fixture
def provider():
    with serving() as provider:
        yield provider


@pytest.fixture
def hosting(provider, tmp_path):
    hosting = Hosting(
        "oidc", home=tmp_path, public_url=f"https://{HOST}", allowed=("@example.com",),
        owner="ann@example.com", oidc_issuer=provider.issuer, oidc_client_id=CLIENT,
        oidc_client_secret=SECRET,
    )  # fmt: skip
    yield hosting
    hosts.register(hosting).close()


@pytest.fixture
def client(hosting):
    return Client(app(hosting))


def away(client, wanted="/"):
    """Start to sign in; return the address at the provider."""
    answer = client.get(f"/oidc/start?{urlencode({'next': wanted})}")
    assert answer.status_code == 303
    return answer.location


def back(client, provider, wanted="/", **changes):
    """Sign in at the provider, and come back with what it gave, changed as told."""
    callback, given = provider.visit(away(client, wanted))
    assert callback == f"https://{HOST}/oidc/callback"
    given = {name: value for name, value in (given | changes).items() if value is not None}
    return client.get(f"{urlsplit(callback).path}?{urlencode(given)}")


def refused(answer, client, code="unfinished", status=403):
    is_told = EN(f"sign_in.{code}").replace("'", "&#39;") in answer.text
    return (answer.status_code, is_told, SESSION in client.cookies) == (status, True, False)


def test_the_first_owner_comes_in_and_goes_where_they_were_going(client, provider, hosting):
    page = client.page("/delays").location
    assert EN("sign_in.enter_provider") in client.page(page).text
    answer = back(client, provider, "/delays")
    assert (answer.status_code, answer.location) == (303, "/delays")
    assert client.get("/").status_code == 200
    [member] = hosts.register(hosting).members("main")
    assert (member.address, member.role) == ("ann@example.com", "owner")


def test_a_colleague_waits_until_an_owner_adds_them(client, provider, hosting):
    provider.person |= {"email": "Bo@Example.com", "name": "Bo"}
    assert back(client, provider).status_code == 303
    assert client.get("/").status_code == 401
    waiting = client.page("/sign-in")
    assert (waiting.status_code, EN("sign_in.no_room", name="Bo") in waiting.text) == (403, True)
    register, now = hosts.register(hosting), datetime.now(UTC)
    register.set_member("main", "ann@example.com", "owner", who="", now=now)
    register.set_member("main", "bo@example.com", "viewer", who="Ann", now=now)
    assert client.get("/").status_code == 200
    register.remove_member("main", "bo@example.com", who="Ann", now=now)
    assert client.get("/").status_code == 401


@pytest.mark.parametrize(
    "changes",
    [
        {"aud": "somebody-else"},
        {"aud": [CLIENT, "somebody-else"]},
        {"azp": "somebody-else"},
        {"aud": None},
        {"iss": "https://elsewhere.example"},
        {"nonce": "of another question"},
        {"nonce": None},
        {"exp": int(time.time()) - 120},
        {"exp": None},
        {"iat": int(time.time()) + 3600},
        {"nbf": int(time.time()) + 3600},
        {"sub": None},
    ],
    ids="-".join,
)
def test_a_token_that_is_not_for_us_now_lets_nobody_in(client, provider, changes):
    provider.changes = changes
    assert refused(back(client, provider), client)
    assert provider.spent == 1


@pytest.mark.parametrize(
    "way", ["unsigned", "signed_with_the_shared_secret", "signed_by_another", "garbage", "empty"]
)
@pytest.mark.filterwarnings("ignore::joserfc.errors.SecurityWarning")
def test_a_token_that_the_provider_did_not_sign_lets_nobody_in(client, provider, way):
    ways = {"garbage": lambda _: "a.b.c", "empty": lambda _: ""}
    provider.sign = ways.get(way) or getattr(provider, way)
    assert refused(back(client, provider), client)


def test_the_provider_may_change_its_keys(client, provider):
    assert back(client, provider).status_code == 303
    provider.keys.keys.append(ECKey.generate_key("P-256", {"kid": "two"}))
    client.cookies.clear()
    assert back(client, provider).status_code == 303


@pytest.mark.parametrize(
    "changes",
    [{"state": "x"}, {"state": None}, {"code": None}, {"code": "x"},
     {"iss": "https://elsewhere.example"}, {"error": "access_denied", "code": None}],
    ids=str,
)  # fmt: skip
def test_an_answer_to_no_question_of_ours_lets_nobody_in(client, provider, changes):
    assert refused(back(client, provider, **changes), client)
    assert provider.spent == 0


def test_another_browsers_answer_lets_nobody_in(client, provider):
    """Who is sent an address with somebody else's code does not end up in their account."""
    callback, given = provider.visit(away(client))
    victim = Client(client.app)
    address = f"{urlsplit(callback).path}?{urlencode(given)}"
    assert refused(victim.get(address), victim)
    away(victim)
    assert refused(victim.get(address), victim)
    assert provider.spent == 0


def test_an_answer_serves_once(client, provider):
    callback, given = provider.visit(away(client))
    address = f"{urlsplit(callback).path}?{urlencode(given)}"
    question = dict(client.cookies)
    assert client.get(address).status_code == 303
    client.cookies = question
    assert refused(client.get(address), client)


@pytest.mark.parametrize(
    ("person", "code"),
    [
        ({"email_verified": False}, "unverified"),
        ({"email_verified": None}, "unverified"),
        ({"email_verified": "true"}, "unverified"),
        ({"email": ["ann@example.com"]}, "unverified"),
        ({"email": "ann@elsewhere.example"}, "not_allowed"),
        ({"email": "ann@example.com.elsewhere.example"}, "not_allowed"),
        ({"email": "ann@elsewhere.example@example.com.x"}, "not_allowed"),
        ({"email": "ann@ex\u0430mple.com"}, "not_allowed"),  # a Cyrillic letter
    ],
)
def test_an_address_must_be_checked_and_allowed(client, provider, person, code):
    provider.person |= person
    assert refused(back(client, provider), client, code)


def test_an_address_that_the_token_leaves_out_is_asked_for(client, provider):
    provider.changes = {"email": None, "email_verified": None, "name": None}
    assert back(client, provider).status_code == 303
    client.cookies.clear()
    provider.changes["sub"] = "somebody else"
    assert refused(back(client, provider), client)


def test_a_provider_that_calls_itself_otherwise_is_not_used(client, provider):
    provider.issuer += "/other"
    assert refused(client.get("/oidc/start"), client, "provider_unavailable", 503)


def test_nothing_goes_to_the_provider_in_the_clear(client, provider):
    provider.about = lambda: {
        "issuer": provider.issuer, "jwks_uri": f"{provider.issuer}/keys",
        "authorization_endpoint": f"{provider.issuer}/authorize",
        "token_endpoint": "http://provider.example/token",
    }  # fmt: skip
    assert refused(client.get("/oidc/start"), client, "provider_unavailable", 503)


def test_a_secret_opens_nothing_where_identities_are_asked_for(client):
    assert client.send("/sign-in", {"name": "Ann", "secret": "x"}).status_code == 405
