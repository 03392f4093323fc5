"""Leaving: a person is erased, and what they wrote stays; or takes along what is stored of them."""

from sysmail.leaving.clearing import Clearing, clear_next
from sysmail.leaving.erasure import Erasure, erase_person, erasure_of
from sysmail.leaving.takeout import take_out

__all__ = ["Clearing", "Erasure", "clear_next", "erase_person", "erasure_of", "take_out"]
