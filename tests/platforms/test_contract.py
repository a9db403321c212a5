"""The contract, for every platform that there is."""

from tests.platforms.contract import *  # noqa: F403
