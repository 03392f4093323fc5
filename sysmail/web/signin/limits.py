"""How often may be tried. Only failed sign-ins count, so nobody is kept out by working."""

from __future__ import annotations

from sysmail.people import BadAddress, normalise_address
from sysmail.web.throttle import Throttle, client_address

_FROM_ONE_PLACE = Throttle("sign_in_from", "30 per minute; 300 per hour")
_AS_ONE_PERSON_FROM_ONE_PLACE = Throttle("sign_in_as_from", "10 per 5 minutes")
_AS_ONE_PERSON = Throttle("sign_in_as", "100 per hour")
_RESET_FROM = Throttle("reset_from", "10 per minute; 60 per hour")
_RESET_FOR = Throttle("reset_for", "5 per 15 minutes")
_SET_UP = Throttle("set_up", "20 per minute")
_OWN_PASSWORD = Throttle("own_password", "10 per 5 minutes")

place = client_address


def check_sign_in(typed: str) -> None:
    for throttle, key in _sign_in(typed):
        throttle.check(key)


def count_failed_sign_in(typed: str) -> None:
    for throttle, key in _sign_in(typed):
        throttle.count(key)


def count_reset(typed: str) -> None:
    _RESET_FROM.count(place())
    _RESET_FOR.count(_same_for_all_spellings(typed))


def count_set_up() -> None:
    _SET_UP.count(place())


def check_own_password(person_id: int) -> None:
    _OWN_PASSWORD.check(str(person_id))


def count_wrong_own_password(person_id: int) -> None:
    _OWN_PASSWORD.count(str(person_id))


def _same_for_all_spellings(typed: str) -> str:
    try:
        return normalise_address(typed)
    except BadAddress:
        return typed.strip().lower()


def _sign_in(typed: str) -> list[tuple[Throttle, str]]:
    person = _same_for_all_spellings(typed)
    return [
        (_FROM_ONE_PLACE, place()),
        (_AS_ONE_PERSON_FROM_ONE_PLACE, f"{person} {place()}"),
        (_AS_ONE_PERSON, person),
    ]
