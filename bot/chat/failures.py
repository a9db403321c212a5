"""What a person sees when something went wrong, and what the operator's log says about it."""

import logging
import secrets

from bot.chat.forms import FormError
from bot.chat.views.parts import plain
from bot.errors import OperatorError, UserError
from bot.intent import Help
from bot.locales import Texts
from bot.view import Action, Button, Buttons, Paragraph, View

_log = logging.getLogger(__name__)


def apology(error: Exception, texts: Texts, doing: str) -> View:
    """The answer in place of one that failed; `doing` says in the log what was being done.

    What the person can put right is told as it is. Anything else is logged with its cause under a
    number that the person sees as well.
    """
    if isinstance(error, FormError):
        return _again(error, texts)
    if isinstance(error, UserError):
        message = texts.of(error)
        ways = Buttons((Button(texts("chat.button.help"), Action(Help())),))
        return View(message, (Paragraph(plain(message)), ways))
    incident = secrets.token_hex(4)
    if isinstance(error, OperatorError):
        # Its cause is known, so the sentence says more than where it came up.
        _log.error("incident %s: %s failed: %s", incident, doing, Texts("en").of(error))
    else:
        _log.error("incident %s: %s failed", incident, doing, exc_info=error)
    message = texts("chat.internal_error", incident=incident)
    return View(message, (Paragraph(plain(message)),))


def _again(error: FormError, texts: Texts) -> View:
    """What is wrong with what was filled in, and the form with all of it once more."""
    message = texts.of(error)
    reasons = [
        texts("form.fault", field=fault.label, reason=texts.of(fault.error))
        for fault in error.faults
    ]
    ways = (
        Button(texts("form.button.again"), error.again, primary=True),
        Button(texts("chat.button.help"), Action(Help())),
    )
    blocks = [Paragraph(plain(line)) for line in (message, *reasons)]
    return View(message, (*blocks, Buttons(ways)))
