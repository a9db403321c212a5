"""What one message of Slack holds, as Block Kit."""

from adapters.slack.mrkdwn import ESCAPED
from bot.view import Limits, PartCosts, TextCosts

# All blocks of a message together; more is answered with msg_blocks_too_long, at a number that is
# not documented and has been seen from about 11,300 on (bolt-js, issues 2509 and 2867).
TOTAL = 9500
BLOCKS = 50
SECTION = 3000
HEADER = 150
ROW = 5
# The place in a list that stands among buttons, such as 2/5, at most.
PLACE = 20
# What a mentioned group takes in front of a message.
MENTION = 1

LIMITS = Limits(
    characters=TOTAL - PLACE * BLOCKS // 2,
    text=SECTION,
    # With the address it leads to. What is longer than a header holds is written in bold.
    heading=700,
    parts=BLOCKS - MENTION,
    row=ROW,
    label=75,
    options=100,
    option_label=75,
    threads=True,
    form_fields=20,
    # About 600 pixels, as its client has at least on a desk.
    row_width=84,
    # Where a heading leads stands below it, a place in a list below the buttons.
    part_costs=PartCosts(heading=2, row=2),
    # Bold words have a sign without a width and a star on either side. Words are put in for a
    # heading's address.
    text_costs=TextCosts(escaped=ESCAPED, markup=4, link=20, head=84, moment=64),
)
