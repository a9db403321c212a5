"""What a person sees when something went wrong, and what the operator's log says about it."""

from structlog.stdlib import get_logger

from bot.chat.forms import FormError
from bot.chat.views.parts import plain
from bot.errors import UserError
from bot.incidents import incident
from bot.intent import Help
from bot.locales import Texts
from bot.view import Action, Button, Buttons, Paragraph, View

_log = get_logger(__name__)


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
    number = incident(_log, "something that was asked failed", error, doing=doing)
    message = texts("chat.internal_error", incident=number)
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
