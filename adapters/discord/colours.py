"""The colours of highlights at the side of containers."""


def accent(colour: str) -> int:
    """A colour "#rrggbb" for the side of a container.

    Black may be taken for none, so it is the darkest blue.
    """
    return max(1, int(colour.removeprefix("#"), 16))
