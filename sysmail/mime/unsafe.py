"""The one refusal of this package."""


class Unsafe(ValueError):
    """A value that could bend a message or its envelope.

    `field` names what was refused (`email`, or a header field, or `data`); `reason` is a short
    English phrase that never quotes the refused value, so both may be logged.
    """

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(f"{field}: {reason}")
        self.field = field
        self.reason = reason
