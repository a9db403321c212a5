"""Who may use a command: its own default, and what a guild's owner has set for it."""

from tests.discord.server import permissions
from tests.discord.server.refusals import Json
from tests.discord.server.state import State
from tests.discord.server.world import Channel, Guild, Role, User

ROLE, USER, CHANNEL = 1, 2, 3


def permit(
    state: State, guild: Guild, command: str, who: User | Role | Channel, allowed: bool
) -> None:
    """What the owner sets under "Integrations" for one command."""
    kind = ROLE if isinstance(who, Role) else USER if isinstance(who, User) else CHANNEL
    (found,) = [one for one in state.commands if one["name"] == command]
    rules = state.command_rules.setdefault((guild.id, int(found["id"])), [])
    rules[:] = [rule for rule in rules if rule["id"] != str(who.id)]
    rules.append({"id": str(who.id), "type": kind, "permission": allowed})


def may_use(state: State, command: Json, place: Channel, user: User) -> bool:
    """Whether a person may use a command in a place of a guild."""
    guild = place.guild
    if guild is None:
        return True
    rights = state.rights(place, user)
    if rights & permissions.BITS["administrator"]:
        return True
    rules = {
        int(rule["id"]): bool(rule["permission"])
        for rule in state.command_rules.get((guild.id, int(command["id"])), ())
    }
    # The id before the guild's own stands for all channels, the guild's own for everyone.
    if not rules.get((place.parent or place).id, rules.get(guild.id - 1, True)):
        return False
    if user.id in rules:
        return rules[user.id]
    of_roles = [rules[role] for role in guild.members[user.id].roles if role in rules]
    if of_roles:
        return any(of_roles)
    if guild.id in rules:
        return rules[guild.id]
    needed = command.get("default_member_permissions")
    if needed is None:
        return True
    return int(needed) != 0 and not int(needed) & ~rights
