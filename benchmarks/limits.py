"""Three sets of limits that fitting is held against: two like those of platforms, one absurd.

The adapters have limits of their own; these are near them, so that figures mean something.
"""

from collections.abc import Mapping
from types import MappingProxyType

from bot.view import Limits, PartCosts, TextCosts

DISCORD_LIKE = Limits(
    characters=4000,
    text=4000,
    heading=256,
    parts=40,
    row=5,
    label=80,
    options=25,
    option_label=100,
    threads=True,
    part_costs=PartCosts(quote=2, item_button=2, button=1, choice=2),
    text_costs=TextCosts(
        escaped=MappingProxyType(dict.fromkeys("\\*_~`|>#-[]()", 2)),
        markup=4,
        link=4,
        head=40,
        moment=24,
    ),
)
SLACK_LIKE = Limits(
    characters=9500,
    text=3000,
    heading=150,
    parts=50,
    row=25,
    label=75,
    options=100,
    option_label=75,
    threads=True,
    part_costs=PartCosts(quote=2),
    text_costs=TextCosts(
        escaped=MappingProxyType({"&": 5, "<": 4, ">": 4}), markup=2, link=3, head=60, moment=60
    ),
)
ABSURD = Limits(
    characters=60,
    text=20,
    heading=8,
    parts=3,
    row=1,
    label=5,
    options=1,
    option_label=5,
    threads=False,
    part_costs=PartCosts(quote=2, item_button=1, button=1),
    text_costs=TextCosts(
        escaped=MappingProxyType(dict.fromkeys("*_`<", 2)), markup=1, link=2, head=4, moment=6
    ),
)

LIMITS: Mapping[str, Limits] = MappingProxyType(
    {"like Discord": DISCORD_LIKE, "like Slack": SLACK_LIKE, "absurd": ABSURD}
)
