"""What was said on a connection, fit to be shown: no secret, no endless line."""

from collections import deque

_LINES_KEPT = 200
_LINE_SHOWN = 500


class Transcript:
    """The last 200 lines: "C: " ours, "S: " the server's, "* " what happened."""

    def __init__(self) -> None:
        self._lines: deque[str] = deque(maxlen=_LINES_KEPT)

    def ours(self, *lines: str) -> None:
        for line in lines:
            self._lines.append("C: " + line[:_LINE_SHOWN])

    def theirs(self, code: int, lines: tuple[str, ...]) -> None:
        *others, last = lines
        for line in others:
            self._lines.append(f"S: {code}-{line[:_LINE_SHOWN]}")
        self._lines.append(f"S: {code} {last[:_LINE_SHOWN]}")

    def note(self, event: str) -> None:
        self._lines.append("* " + event[:_LINE_SHOWN])

    def lines(self) -> list[str]:
        return list(self._lines)
