"""What was said on a connection, fit to be shown: no secret, no endless line."""

from collections import deque

_LINES_KEPT = 200
_LINE_SHOWN = 500


class Transcript:
    """The last 200 lines: "C: " ours, "S: " the server's, "* " what happened."""

    def __init__(self) -> None:
        self._lines: deque[str] = deque(maxlen=_LINES_KEPT)

    def ours(self, line: str) -> None:
        self._lines.append("C: " + line[:_LINE_SHOWN])

    def theirs(self, code: int, lines: tuple[str, ...]) -> None:
        for number, line in enumerate(lines, start=1):
            mark = " " if number == len(lines) else "-"
            self._lines.append(f"S: {code}{mark}{line[:_LINE_SHOWN]}")

    def note(self, event: str) -> None:
        self._lines.append("* " + event[:_LINE_SHOWN])

    def lines(self) -> list[str]:
        return list(self._lines)
