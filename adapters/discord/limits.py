"""What one message of Discord holds, as Components V2."""

from adapters.discord.markdown import ESCAPED
from bot.view import Limits, PartCosts, TextCosts

# A message may have 4,000 characters, but Discord is reported to answer 500 to texts of more than
# 10,170 bytes of UTF-8, with 12 for each of at most 40 texts on top (discord-api-docs, issue 8554).
# A Japanese character takes three.
_CHARACTERS = (10_170 - 40 * 12) // 3
# A role's mention on a line of its own, with an id of 20 digits at most: "<@&…>".
_MENTION = 25
# Room for what stands before an item or an image and is not counted elsewhere, one a part.
_MARKS = 40

LIMITS = Limits(
    characters=_CHARACTERS - _MARKS,
    text=_CHARACTERS - _MARKS,
    heading=256,
    parts=40,
    row=5,
    label=80,
    options=25,
    option_label=100,
    threads=True,
    form_fields=5,
    # About 600 pixels, as its client has at least on a desk.
    row_width=84,
    # A quote stands in a container, an item or a heading in a section with what is at its side.
    part_costs=PartCosts(quote=2, item_button=2, image=3, button=1, choice=2, heading_image=2),
    # A line that is bold and quoted has three signs at most before and behind it each.
    text_costs=TextCosts(escaped=ESCAPED, markup=6, link=8, head=64, moment=20, mention=_MENTION),
)
