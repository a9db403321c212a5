"""Who is who: auth.*, users.info, bots.info, team.info, and the app's own connection."""

from tests.slack.server.call import Call, method
from tests.slack.server.conversations import after
from tests.slack.server.leaving import revoke as revoke_token
from tests.slack.server.leaving import uninstall as uninstall_app
from tests.slack.server.refusals import Json, Refusal
from tests.slack.server.wire import team_json, user_json
from tests.slack.server.world import Workspace


async def api_test(call: Call) -> Json:
    if call.given("error"):
        raise Refusal(call.text("error"), args=call.arguments)
    return {"args": call.arguments}


async def auth_test(call: Call) -> Json:
    assert call.token is not None
    if call.token.installation is None:
        return {"app_name": call.state.app.name, "app_id": call.state.app.id}
    installation = call.installation
    found: Json = {
        "user": call.state.app.name,
        "user_id": installation.bot.id,
        "bot_id": installation.bot.bot_id,
        "is_enterprise_install": installation.team is None,
    }
    if installation.team is not None:
        team = installation.team
        found |= {"team": team.name, "team_id": team.id, "url": f"https://{team.domain}.slack.com/"}
    enterprise = installation.enterprise
    if enterprise is not None:
        found["enterprise_id"] = enterprise.id
    if installation.team is None and enterprise is not None:
        found |= {"team": enterprise.name, "team_id": enterprise.id}
        found["url"] = f"https://{enterprise.domain}.enterprise.slack.com/"
    return found


async def revoke(call: Call) -> Json:
    if call.flag("test"):
        return {"revoked": False}
    assert call.token is not None
    revoke_token(call.state, call.token)
    return {"revoked": True}


async def teams_list(call: Call) -> Json:
    covered = [team for team in call.state.teams.values() if call.installation.covers(team)]
    page, cursor = call.page(covered)
    return {"teams": [{"id": one.id, "name": one.name} for one in page], **after(cursor)}


async def uninstall(call: Call) -> Json:
    app = call.state.app
    given = (call.text("client_id"), call.text("client_secret"))
    if given[0] != app.client_id:
        raise Refusal("invalid_client_id")
    if given[1] != app.client_secret:
        raise Refusal("bad_client_secret")
    uninstall_app(call.state, call.installation)
    return {}


async def connections_open(call: Call) -> Json:
    return {"url": call.state.link.socket.ticket()}


async def user_info(call: Call) -> Json:
    user = call.state.users.get(call.text("user"))
    team = next(
        (
            one
            for one in call.state.teams.values()
            if user is not None and user.id in one.members and call.installation.covers(one)
        ),
        None,
    )
    if user is None or team is None:
        raise Refusal("user_not_found")
    return {"user": user_json(user, team, locale=call.flag("include_locale"))}


async def users_list(call: Call) -> Json:
    team = call.team
    page, cursor = call.page(list(team.members.values()))
    return {"members": [user_json(user, team) for user in page], **after(cursor)}


async def bot_info(call: Call) -> Json:
    bot = call.installation.bot
    if call.given("bot") not in (None, bot.bot_id):
        raise Refusal("bot_not_found")
    app = call.state.app
    told = {"id": bot.bot_id, "deleted": False, "name": app.name, "app_id": app.id}
    return {"bot": told | {"user_id": bot.id, "updated": 1_700_000_000, "icons": {}}}


async def team_info(call: Call) -> Json:
    team: Workspace | None
    if call.given("team"):
        team = call.state.teams.get(call.text("team"))
        if team is None or not call.installation.covers(team):
            raise Refusal("team_not_found")
    else:
        team = call.team
    return {"team": team_json(team)}


METHODS = {
    "api.test": method(api_test, "error foo", kind=""),
    "auth.test": method(auth_test, "", kind="any"),
    "auth.revoke": method(revoke, "test"),
    "auth.teams.list": method(teams_list, "cursor limit include_icon"),
    "apps.uninstall": method(uninstall, "client_id client_secret"),
    "apps.connections.open": method(connections_open, "", "connections:write", kind="app"),
    "users.info": method(user_info, "user include_locale", "users:read"),
    "users.list": method(users_list, "team_id cursor limit include_locale", "users:read"),
    "bots.info": method(bot_info, "bot team_id", "users:read"),
    "team.info": method(team_info, "team domain team_id", "team:read"),
}
