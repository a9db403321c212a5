"""What whoever pressed is told about what others see now, or will."""

from collections.abc import Sequence

from bot.chat.unfolding import Unfolded
from bot.chat.views.parts import text_of
from bot.intent import OpenPost, ReadComments, Related, Unfold
from bot.locales import Texts
from bot.view import Button, Buttons, Quote, View


def note(text: str, *buttons: Button) -> View:
    """A short answer."""
    blocks = (text_of(text), Buttons(buttons)) if buttons else (text_of(text),)
    return View(text, blocks)


def under_way(
    far: Unfolded, address: str | None, texts: Texts, *, is_new: bool, is_put_off: bool = False
) -> View:
    """How far a thread is, with the way there.

    `is_new` where something was missing there, `is_put_off` where the platform asks to wait.
    """
    if far.is_open and is_put_off:
        text = texts("chat.share.put_off", done=far.done, total=far.total)
    elif far.is_open or far.done < far.total:
        text = texts("chat.share.unfolding", done=far.done, total=far.total)
    else:
        text = texts("chat.share.unfolded" if is_new else "chat.share.unfolded_before")
    if address is None:
        return note(text)
    return note(text, Button(texts("announcement.button.thread"), url=address))


def posts_in(view: View) -> Sequence[str]:
    """The keys of the posts of which a view shows anything, each once."""
    found = [block.post for block in view.blocks if isinstance(block, Quote)]
    found += [
        action.intent.post
        for action in view.actions()
        if isinstance(action.intent, OpenPost | ReadComments | Related | Unfold)
    ]
    return list(dict.fromkeys(found))
