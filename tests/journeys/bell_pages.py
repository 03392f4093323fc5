"""The bell's page, who was told, and why somebody did or did not get a mail."""

from __future__ import annotations

from tests.journeys.looks import Look, open_details, press

RECORD = "/apps/{leads}/records/{record}"
MAIL = "/admin/users/{dan}/mail"

BELL = [
    Look("/notifications", "bob"),
    Look("/notifications", "dan", "nothing"),
    Look("/notifications?show=read", "bob", "nothing"),
    Look(RECORD, "alice", "who was told", open_details),
    Look(RECORD, "dan", "what was decided for oneself", open_details),
    Look(RECORD + "/told"),
    Look(RECORD + "/comments/{comment}/told"),
    Look(RECORD + "/comments/{comment}/told?way=summary", name="nobody"),
    Look(MAIL),
    Look(MAIL, name="refused", act=press("Show why", about="somewhere"), answers=(422,)),
    Look(MAIL + "/{event}"),
    Look("/admin/users/{bob}/mail/{event}", name="accepted"),
    Look("/admin/system-mail/failures/{own_mail}/why"),
]
