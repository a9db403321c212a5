"""What one message of Discord holds, as Components V2."""

from adapters.discord.markdown import ESCAPED
from bot.view import Limits, PartCosts, TextCosts

# Of the 4,000 characters of a message: room for what stands before an item or an image and is not
# counted elsewhere, one character a part.
_MARKS = 40

LIMITS = Limits(
    characters=4000 - _MARKS,
    text=4000 - _MARKS,
    heading=256,
    parts=40,
    row=5,
    label=80,
    options=25,
    option_label=100,
    threads=True,
    # A quote may stand in a container, an item in a section with its button.
    part_costs=PartCosts(quote=2, item_button=2, image=3, button=1, choice=2),
    # A line that is bold and quoted has three signs at most before and behind it each.
    text_costs=TextCosts(escaped=ESCAPED, markup=6, link=8, head=64, moment=20),
)
