"""What was taken down."""

from bot.stores import HiddenPosts
from storage.state.database import State
from storage.state.hidden import StoredHiddenPosts
from tests.state.samples import NOW


async def test_what_is_hidden_is_there_until_it_is_shown_again(state: State) -> None:
    hidden: HiddenPosts = StoredHiddenPosts(state)
    assert await hidden.all() == {}
    assert await hidden.hide("a", 0, NOW)
    assert await hidden.hide("a", 7, NOW)
    assert await hidden.hide("b", 1, NOW)
    assert not await hidden.hide("a", 7, NOW)
    assert await hidden.all() == {"a": {0, 7}, "b": {1}}
    assert await hidden.unhide("a", 0)
    assert not await hidden.unhide("a", 0)
    assert not await hidden.unhide("c", 1)
    assert await hidden.all() == {"a": {7}, "b": {1}}
