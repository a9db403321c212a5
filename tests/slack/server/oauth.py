"""Installing the app: the page that people allow it on, codes, tokens and their rotation."""

import secrets
from collections.abc import Mapping
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from aiohttp import web

from tests.slack.server.app import Code, Installation, Token
from tests.slack.server.call import Call, method
from tests.slack.server.refusals import Json, Refusal
from tests.slack.server.state import State
from tests.slack.server.world import User, Workspace

CODE_SECONDS = 600
# How long a token lasts where tokens are rotated.
TOKEN_SECONDS = 43_200


def install(
    state: State,
    team: Workspace,
    installer: User,
    scopes: tuple[str, ...],
    *,
    org: bool = False,
) -> Installation:
    """The app in a workspace, or with `org` in all of its organisation; again, it gets more."""
    enterprise = team.enterprise
    if org and (enterprise is None or not state.app.org):
        raise Refusal("invalid_team_for_non_distributed_app")
    for known in state.registry.installations:
        own = known.team is None if org else known.team is team
        if own and known.covers(team):
            known.scopes = tuple(dict.fromkeys((*known.scopes, *scopes)))
            for token in state.registry.tokens_of(known):
                token.scopes = known.scopes
            return known
    bot = User(state.names.next("U"), state.app.name, bot_id=state.names.next("B"))
    state.users[bot.id] = bot
    teams = [one for one in state.teams.values() if org and one.enterprise is enterprise] or [team]
    for one in teams:
        one.members[bot.id] = bot
    key = state.names.next("I")
    found = Installation(key, None if org else team, enterprise, bot, installer, scopes)
    state.registry.installations.append(found)
    return found


def new_token(state: State, installation: Installation) -> Token:
    """A bot token; where tokens are rotated it expires, and a refresh token comes with it."""
    rotates = state.app.rotation
    number = state.names.next("")
    prefix = "xoxe.xoxb-1" if rotates else "xoxb"
    token = Token(
        f"{prefix}-{number}-{secrets.token_hex(12)}", "bot", installation.scopes, installation
    )
    if rotates:
        token.expires = state.clock.seconds() + TOKEN_SECONDS
        token.refresh = f"xoxe-1-{number}-{secrets.token_hex(12)}"
    state.registry.tokens[token.value] = token
    return token


def authorized(
    state: State,
    query: Mapping[str, str],
    team: Workspace,
    user: User,
    *,
    allows: bool = True,
    org: bool = False,
) -> str:
    """The address that somebody's browser is sent back to, whether they allow it or not."""
    if query.get("client_id") != state.app.client_id:
        raise Refusal("invalid_client_id")
    redirect = query.get("redirect_uri") or next(iter(state.app.redirects), "")
    if not any(redirect.startswith(known) for known in state.app.redirects):
        raise Refusal("bad_redirect_uri")
    scopes = tuple(scope for scope in query.get("scope", "").split(",") if scope)
    if not scopes:
        raise Refusal("no_scopes")
    unknown = [scope for scope in scopes if scope not in state.app.scopes]
    if unknown:
        raise Refusal("invalid_scope", errors=unknown)
    answer = {"state": query["state"]} if query.get("state") else {}
    if not allows:
        return _with(redirect, {"error": "access_denied", **answer})
    installation = install(state, team, user, scopes, org=org)
    code = secrets.token_hex(12)
    sent = query.get("redirect_uri") or ""
    state.registry.codes[code] = Code(code, installation, sent, state.clock.seconds())
    return _with(redirect, {"code": code, **answer})


def _with(url: str, more: Mapping[str, str]) -> str:
    parts = urlsplit(url)
    query = urlencode([*parse_qsl(parts.query), *more.items()])
    return urlunsplit(parts._replace(query=query))


async def page(state: State, request: web.Request) -> web.Response:
    """GET /oauth/v2/authorize for a browser of whoever `state.browsing` says."""
    if state.browsing is None:
        return web.Response(status=401, text="nobody is signed in")
    team, user = state.browsing
    try:
        back = authorized(
            state,
            request.query,
            team,
            user,
            allows=state.browser_allows,
            org=state.browsing_org,
        )
    except Refusal as refusal:
        state.refusals.append(refusal)
        return web.Response(status=400, text=refusal.code)
    raise web.HTTPFound(back)


async def access(call: Call) -> Json:
    """A code, or a refresh token, for a token."""
    state = call.state
    _check_client(call)
    grant = call.given("grant_type") or "authorization_code"
    if grant == "refresh_token":
        return _refreshed(state, call.text("refresh_token"))
    if grant != "authorization_code":
        raise Refusal("invalid_grant_type")
    code = state.registry.codes.get(call.text("code"))
    if code is None or state.clock.seconds() - code.at > CODE_SECONDS:
        raise Refusal("invalid_code")
    if code.used:
        raise Refusal("code_already_used")
    if code.redirect and (call.given("redirect_uri") or "") != code.redirect:
        raise Refusal("bad_redirect_uri")
    code.used = True
    return _granted(state, new_token(state, code.installation))


def _check_client(call: Call) -> None:
    given = call.basic or (call.text("client_id"), call.text("client_secret"))
    if given[0] != call.state.app.client_id:
        raise Refusal("invalid_client_id")
    if given[1] != call.state.app.client_secret:
        raise Refusal("bad_client_secret")


def _refreshed(state: State, refresh: str) -> Json:
    old = next((one for one in state.registry.tokens.values() if one.refresh == refresh), None)
    if old is None or old.refreshed or old.revoked or old.installation is None:
        raise Refusal("invalid_refresh_token")
    if old.installation.removed:
        raise Refusal("invalid_refresh_token")
    old.refreshed = True
    return _granted(state, new_token(state, old.installation))


def _granted(state: State, token: Token) -> Json:
    installation = token.installation
    assert installation is not None
    team, enterprise = installation.team, installation.enterprise
    found: Json = {
        "app_id": state.app.id,
        "authed_user": {"id": installation.installer.id},
        "scope": ",".join(installation.scopes),
        "token_type": "bot",
        "access_token": token.value,
        "bot_user_id": installation.bot.id,
        "team": {"id": team.id, "name": team.name} if team is not None else None,
        "enterprise": None,
        "is_enterprise_install": team is None,
    }
    if enterprise is not None:
        found["enterprise"] = {"id": enterprise.id, "name": enterprise.name}
    if token.refresh:
        found |= {"refresh_token": token.refresh, "expires_in": TOKEN_SECONDS}
    return found


METHODS = {
    "oauth.v2.access": method(
        access, "client_id client_secret code redirect_uri grant_type refresh_token", kind=""
    ),
}
