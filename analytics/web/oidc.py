"""What an identity provider says of a person, believed only as far as it can be checked.

The flow is OpenID Connect's authorization code with proof of possession (PKCE, RFC 7636): the
browser carries a code from the provider to us, we fetch the identity ourselves, and check that it
was signed by the provider, for us, now, and in answer to this very question.
"""

import math
import secrets
import time
from collections.abc import Mapping
from threading import BoundedSemaphore
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import requests
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.requests_client import OAuth2Session
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet

from analytics.services.hosting import Hosting
from analytics.services.serving import is_loopback

# Signatures with a key that the provider alone has; never "none", never a shared secret.
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512",
              "Ed25519", "EdDSA")  # fmt: skip
_PATIENCE = 10  # seconds that the provider may take
_KEPT = 3600  # seconds that we keep what the provider says of itself
_REST = 15  # seconds that we leave a provider alone that has just failed
_AT_ONCE = 2  # look-ups
_SKEW = 60  # seconds that two clocks may differ
_SCOPE = "openid email profile"
_ENDPOINTS = ("authorization_endpoint", "token_endpoint", "jwks_uri")


class RefusedError(Exception):
    """Nobody is let in; ``code`` names the sentence of [sign_in] that says so."""

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(reason)
        self.code = code


class Question(NamedTuple):
    """What is remembered of a sign-in that has been started."""

    state: str
    nonce: str
    verifier: str


class Identity(NamedTuple):
    """Who somebody is, as the provider has checked."""

    address: str
    name: str


class Provider:
    """The identity provider of the settings.

    Parameters
    ----------
    hosting : Hosting
        Names the provider, and who may come in.
    callback : str
        The whole address at which the provider sends browsers back.
    """

    def __init__(self, hosting: Hosting, callback: str) -> None:
        self._hosting = hosting
        self._callback = callback
        self._looks = BoundedSemaphore(_AT_ONCE)
        self._failed = -math.inf
        self._known: tuple[float, Mapping[str, Any], KeySet] | None = None

    def asked(self) -> tuple[str, Question]:
        """Return the address at which a person says who they are, and what to remember of it.

        Raises
        ------
        RefusedError
            The provider does not answer.
        """
        question = Question(*(secrets.token_urlsafe(48) for _ in Question._fields))
        about, _ = self._about()
        with self._client(about) as client:
            address, _ = client.create_authorization_url(
                about["authorization_endpoint"],
                state=question.state,
                nonce=question.nonce,
                code_verifier=question.verifier,
            )
        return str(address), question

    def answered(self, question: Question, said: Mapping[str, str]) -> Identity:
        """Return who came back from the provider.

        Parameters
        ----------
        question : Question
            What this browser was sent away with.
        said : mapping
            The parameters that it came back with.

        Raises
        ------
        RefusedError
            It came back with anything but a sound answer to the question.
        """
        if not secrets.compare_digest(said.get("state", "").encode(), question.state.encode()):
            raise RefusedError("unfinished", "another state")
        if said.get("iss", self._hosting.oidc_issuer) != self._hosting.oidc_issuer:  # RFC 9207
            raise RefusedError("unfinished", "another issuer")
        if "code" not in said:
            raise RefusedError("unfinished", "no code")
        about, _ = self._about()
        token = self._fetched(about, said["code"], question.verifier)
        claims = self._claims(str(token.get("id_token", "")), question.nonce)
        if "email" not in claims:
            claims = {**self._more(about, token, claims), **claims}
        return self._admitted(claims)

    # What the provider says

    def _about(self, *, anew: bool = False) -> tuple[Mapping[str, Any], KeySet]:
        """Return where the provider's doors are, and the keys that it signs with.

        Nobody waits for somebody else's look: a provider that takes a call and says nothing would
        hold them all.
        """
        known = self._known
        if known is not None and not anew and time.monotonic() - known[0] <= _KEPT:
            return known[1:]
        if time.monotonic() - self._failed < _REST:
            raise RefusedError("provider_unavailable", "it did not answer a moment ago")
        if not self._looks.acquire(blocking=False):
            raise RefusedError("provider_unavailable", "others are asking it")
        try:
            about, keys = self._looked_up()
        except RefusedError:
            self._failed = time.monotonic()
            raise
        finally:
            self._looks.release()
        self._known = (time.monotonic(), about, keys)
        return about, keys

    def _looked_up(self) -> tuple[Mapping[str, Any], KeySet]:
        issuer = self._hosting.oidc_issuer
        about = _got(f"{issuer.rstrip('/')}/.well-known/openid-configuration")
        if about.get("issuer") != issuer:
            raise RefusedError("provider_unavailable", "the provider calls itself otherwise")
        if not all(_is_safe(about.get(name)) for name in _ENDPOINTS):
            raise RefusedError("provider_unavailable", "an endpoint without TLS")
        try:
            return about, KeySet.import_key_set(_got(about["jwks_uri"]))  # type: ignore[arg-type]
        except (JoseError, ValueError, KeyError, TypeError) as fault:
            raise RefusedError("provider_unavailable", "no keys") from fault

    def _client(self, about: Mapping[str, Any]) -> OAuth2Session:
        ways = about.get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
        way = "client_secret_basic" if "client_secret_basic" in ways else "client_secret_post"
        return OAuth2Session(
            self._hosting.oidc_client_id,
            self._hosting.oidc_client_secret,
            scope=_SCOPE,
            redirect_uri=self._callback,
            token_endpoint_auth_method=way,
            code_challenge_method="S256",
            default_timeout=_PATIENCE,
        )

    def _fetched(self, about: Mapping[str, Any], code: str, verifier: str) -> Mapping[str, Any]:
        try:
            with self._client(about) as client:
                token: Mapping[str, Any] = client.fetch_token(
                    about["token_endpoint"],
                    grant_type="authorization_code",
                    code=code,
                    code_verifier=verifier,
                    allow_redirects=False,
                )
        except requests.RequestException as fault:
            raise RefusedError("provider_unavailable", "no token") from fault
        except (AuthlibBaseError, ValueError) as fault:
            raise RefusedError("unfinished", "the provider refused the code") from fault
        return token

    def _claims(self, token: str, nonce: str) -> dict[str, Any]:
        """Return what an identity token says, once it is known to be the provider's, and for us."""
        try:
            claims = dict(self._opened(token).claims)
            jwt.JWTClaimsRegistry(
                now=int(time.time()),
                leeway=_SKEW,
                iss={"essential": True, "value": self._hosting.oidc_issuer},
                aud={"essential": True, "value": self._hosting.oidc_client_id},
                sub={"essential": True},
                exp={"essential": True},
                iat={"essential": True},
                nonce={"essential": True, "value": nonce},
            ).validate(claims)
        except (JoseError, ValueError, TypeError) as fault:
            raise RefusedError("unfinished", f"no sound token: {type(fault).__name__}") from fault
        is_shared = isinstance(claims["aud"], list) and len(claims["aud"]) > 1
        if claims.get("azp", self._hosting.oidc_client_id) != self._hosting.oidc_client_id or (
            is_shared and "azp" not in claims
        ):
            raise RefusedError("unfinished", "a token for somebody else")
        return claims

    def _opened(self, token: str) -> jwt.Token:
        """Check a signature; with newer keys, if it names one that we have not seen."""
        try:
            return jwt.decode(token, self._about()[1], algorithms=ALGORITHMS)
        except InvalidKeyIdError:
            return jwt.decode(token, self._about(anew=True)[1], algorithms=ALGORITHMS)

    def _more(
        self, about: Mapping[str, Any], token: Mapping[str, Any], claims: Mapping[str, Any]
    ) -> Mapping[str, Any]:
        """Return what the provider tells of the same person at its other door, if it has one."""
        door = about.get("userinfo_endpoint")
        if not _is_safe(door):
            return {}
        told = _got(str(door), {"Authorization": f"Bearer {token.get('access_token', '')}"})
        if told.get("sub") != claims["sub"]:
            raise RefusedError("unfinished", "two people")
        return told

    def _admitted(self, claims: Mapping[str, Any]) -> Identity:
        address = claims.get("email")
        if not isinstance(address, str) or claims.get("email_verified") is not True:
            raise RefusedError("unverified", "the address is not verified")
        address = address.strip().casefold()
        if not (address.isascii() and self._hosting.admits(address)):
            raise RefusedError("not_allowed", "the address is not allowed")
        name = claims.get("name")
        shown = " ".join(name.split()) if isinstance(name, str) else ""
        return Identity(address, shown[:60] if shown.isprintable() and shown else address)


def _got(address: str, headers: Mapping[str, str] | None = None) -> dict[str, Any]:
    try:
        answer = requests.get(address, headers=headers, timeout=_PATIENCE, allow_redirects=False)
        told = answer.json() if answer.status_code == 200 else None
    except (requests.RequestException, ValueError) as fault:
        raise RefusedError("provider_unavailable", "no answer") from fault
    if not isinstance(told, dict):
        raise RefusedError("provider_unavailable", "no sound answer")
    return told


def _is_safe(address: object) -> bool:
    """Return whether what we say there stays between us and the provider."""
    if not isinstance(address, str):
        return False
    parts = urlsplit(address)
    return parts.scheme == "https" or (parts.scheme == "http" and is_loopback(parts.hostname))
