"""Portal: apps, records and comments, and who may see them."""

from sysmail.portal.access import app_access, may_change, may_see, subject_exists, visible_apps
from sysmail.portal.apps import add_app, change_app, delete_app, find_app
from sysmail.portal.members import member_addresses, members_named
from sysmail.portal.mentions import Mention, look_up, pieces, typed_again
from sysmail.portal.models import (
    BODY_LENGTH,
    COMMENT_LENGTH,
    NAME_LENGTH,
    TITLE_LENGTH,
    App,
    Comment,
    Membership,
    Record,
)
from sysmail.portal.records import (
    Written,
    add_comment,
    add_record,
    change_comment,
    change_record,
    delete_comment,
    delete_record,
    find_comment,
    find_record,
)

__all__ = [
    "BODY_LENGTH",
    "COMMENT_LENGTH",
    "NAME_LENGTH",
    "TITLE_LENGTH",
    "App",
    "Comment",
    "Membership",
    "Mention",
    "Record",
    "Written",
    "add_app",
    "add_comment",
    "add_record",
    "app_access",
    "change_app",
    "change_comment",
    "change_record",
    "delete_app",
    "delete_comment",
    "delete_record",
    "find_app",
    "find_comment",
    "find_record",
    "look_up",
    "may_change",
    "may_see",
    "member_addresses",
    "members_named",
    "pieces",
    "subject_exists",
    "typed_again",
    "visible_apps",
]
