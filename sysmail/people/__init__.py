"""People: who signs in, and the installation they belong to."""

from sysmail.people.address import BadAddress, normalise_address
from sysmail.people.changes import (
    add_person,
    edit_person,
    end_sessions,
    identity_refusals,
    set_password,
    trust_address,
)
from sysmail.people.find import bouncing, find_person, has_administrator, matching
from sysmail.people.importing import Imported, import_people
from sysmail.people.installation import Installation, ensure_installation, link_key
from sysmail.people.lines import Fault, Line, read_people
from sysmail.people.person import Person, Role, new_person
from sysmail.people.refused import Refused
from sysmail.people.rights import (
    disable_person,
    enable_person,
    forget_person,
    make_administrator,
    unmake_administrator,
)
from sysmail.people.setup import is_setup_token, set_up, setup_link

__all__ = [
    "BadAddress",
    "Fault",
    "Imported",
    "Installation",
    "Line",
    "Person",
    "Refused",
    "Role",
    "add_person",
    "bouncing",
    "disable_person",
    "edit_person",
    "enable_person",
    "end_sessions",
    "ensure_installation",
    "find_person",
    "forget_person",
    "has_administrator",
    "identity_refusals",
    "import_people",
    "is_setup_token",
    "link_key",
    "make_administrator",
    "matching",
    "new_person",
    "normalise_address",
    "read_people",
    "set_password",
    "set_up",
    "setup_link",
    "trust_address",
    "unmake_administrator",
]
