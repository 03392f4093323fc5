"""Named points on a delivery's way, where fault tests kill the process."""

POINTS = (
    "mid_expansion",
    "before_compose",
    "after_compose",
    "before_claim_commit",
    "after_claim_commit",
    "before_dot",
    "after_reply",
    "after_reply_noted",
    "before_settle_commit",
    "after_settle_commit",
)


def reached(_point: str) -> None:
    """Does nothing; a fault test puts something deadly in its place."""
