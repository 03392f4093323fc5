"""Whether, and when, Sysmail tries again by itself."""

from __future__ import annotations

from sysmail.words import _


def again_after(passes: bool, will_repeat: bool, for_check: bool) -> str:
    """One sentence. `passes`: such trouble often passes by itself; `for_check`: no mail waits."""
    if for_check and passes:
        return _("Check again in some minutes.")
    if for_check:
        return _("Check again when this is put right.")
    if not will_repeat:
        return _("It is not tried again by itself; send it again when the trouble has passed.")
    if passes:
        return _("The mail waits and is tried again by itself.")
    return _("The mail waits: Sysmail tries by itself now and then, and at once after a save.")
