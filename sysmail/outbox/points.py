"""Named points on a delivery's way, where fault tests kill the process."""

POINTS = (
    "mid_expansion",
    "mid_posting",
    "after_posting",
    "after_fixing",
    "before_compose",
    "after_compose",
    "before_commit",
    "after_commit",
    "before_note",
    "before_dot",
    "after_reply",
    "after_reply_noted",
)


def reached(_point: str) -> None:
    """Does nothing; a fault test puts something deadly in its place."""
