"""How much stands on one page of a terminal: as much as people read before they go on."""

from bot.view import Limits, TextCosts

# Nothing but patience limits a terminal. Where it shows no hyperlinks an address takes a line of
# its own, with its indentation.
LIMITS = Limits(
    characters=3000,
    text=3000,
    heading=300,
    parts=100,
    row=20,
    label=80,
    options=40,
    option_label=80,
    threads=True,
    text_costs=TextCosts(markup=2, link=8, head=24, moment=16),
)
