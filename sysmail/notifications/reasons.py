"""Why somebody hears of something, and why no mail was sent to them, in words."""

from __future__ import annotations

from sysmail.words import _, lazy

# Each as it is said of others and to oneself.
_WHY_NOT = {
    "own_action": (lazy("did it themselves"), lazy("you did it yourself")),
    "disabled": (lazy("is disabled"), lazy("your account was disabled")),
    "switched_off": (lazy("receives no e-mail"), lazy("you chose to receive no e-mail")),
    "only_to_me": (
        lazy("receives only what concerns them"),
        lazy("you receive only what is to you"),
    ),
    "kind_off": (
        lazy("does not receive this kind"),
        lazy("you do not receive mail of this kind"),
    ),
    "muted_app": (lazy("has muted the app"), lazy("you have muted the app")),
    "muted_record": (lazy("has muted the record"), lazy("you have muted the record")),
    "read": (
        lazy("read it in the portal first"),
        lazy("you read it here before its mail went out"),
    ),
    "struck": (
        lazy("struck it out of their summary"),
        lazy("you struck it out of your summary"),
    ),
    "no_access": (
        lazy("could not see it any more when its mail was due"),
        lazy("you could not see it when its mail was due"),
    ),
    "deleted": (lazy("it was deleted first"), lazy("it was deleted first")),
    "bouncing": (
        lazy("has an address that refuses mail"),
        lazy("your address refuses mail"),
    ),
    "erased": (lazy("is a former user"), lazy("your account was erased")),
    "failed": (lazy("could not be reached"), lazy("your mail server did not take the mail")),
    "cancelled": (
        lazy("an administrator cancelled the mail"),
        lazy("an administrator cancelled the mail"),
    ),
    "outdated": (
        lazy("an administrator dropped the mail as outdated"),
        lazy("an administrator dropped the mail as outdated"),
    ),
    "dropped": (
        lazy("an administrator dropped the mail"),
        lazy("an administrator dropped the mail"),
    ),
    "expired": (lazy("the mail became too old"), lazy("the mail became too old")),
    "empty": (
        lazy("nothing was left in the summary"),
        lazy("nothing was left in your summary"),
    ),
}
_BY_CHOICE = {
    "switched_off",
    "only_to_me",
    "kind_off",
    "muted_app",
    "muted_record",
    "read",
    "struck",
}
_BECAUSE = {
    "mentioned": (lazy("was mentioned"), lazy("you were mentioned")),
    "creator": (lazy("created the record"), lazy("you created the record")),
    "editor": (lazy("last changed the record"), lazy("you last changed the record")),
    "commenter": (lazy("commented before"), lazy("you commented before")),
    "follows": (lazy("may see the app"), lazy("you may see the app")),
    "administrator": (lazy("is an administrator"), lazy("you are an administrator")),
}


def why_not(reason: str, *, exactly: bool = True) -> str:
    """Why somebody was not mailed; not `exactly`: what they chose stays their own affair."""
    if not exactly and reason in _BY_CHOICE:
        return _("by their own choice")
    return str(_WHY_NOT[reason][0]) if reason in _WHY_NOT else reason


def why_not_you(reason: str) -> str:
    """The same, said to oneself."""
    return str(_WHY_NOT[reason][1]) if reason in _WHY_NOT else reason


def because_of(reason: str) -> str:
    """Why somebody is concerned."""
    return str(_BECAUSE[reason][0]) if reason in _BECAUSE else reason


def because_of_you(reason: str) -> str:
    """The same, said to oneself."""
    return str(_BECAUSE[reason][1]) if reason in _BECAUSE else reason
