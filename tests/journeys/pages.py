"""Every page of the portal in each of its looks, as a list to go through."""

from __future__ import annotations

from functools import partial

from playwright.sync_api import Page

from tests.diagnosis.test_received import HEADERS
from tests.journeys.bell_pages import BELL
from tests.journeys.consented import GRANT, REPORTS, with_oauth
from tests.journeys.furnished import LOGIN_REFUSED, NO_CONNECTION
from tests.journeys.leaving_pages import LEAVING
from tests.journeys.looks import Look, open_details, open_menu, press
from tests.journeys.person_pages import PERSON
from tests.journeys.sender import sender_checked
from tests.journeys.watched import warned


def _external_in_clear(page: Page) -> None:
    page.locator('[name="mail_server"][value="external"]').check()
    page.locator('[name="encryption"][value="plain"]').check()
    page.locator('[name="smtp_host"]').fill("smtp.example.com")
    page.locator('[name="smtp_port"]').fill("465")
    page.locator('[name="smtp_port"]').press("Tab")
    page.locator(".advice").first.wait_for()


def _paste_headers(page: Page) -> None:
    page.locator('[name="headers"]').fill(HEADERS)
    page.get_by_role("button", name="Read", exact=True).click()
    page.locator("[data-hop]").first.wait_for()


def _seen(page: Page) -> None:
    page.get_by_role("button", name="I have seen it").click()
    page.locator(".banner-seen").wait_for()


def _builtin(page: Page) -> None:
    page.locator('[name="mail_server"][value="builtin"]').check()


ACCOUNT = "/admin/system-mail"
FAILURES = "/admin/system-mail/failures"
RECORD = "/apps/{leads}/records/{record}"

NEW = [
    Look("/login", "", "before set-up"),
    Look("/setup?token={token}", ""),
    Look("/setup?token={token}", "", "refused", press("Set up"), answers=(422,)),
    Look("/setup?token=wrong", "", answers=(403,)),
]

SIGNED_OUT = [
    Look("/login", ""),
    Look("/login", "", "refused", press("Sign in", email="x@example.com"), answers=(422,)),
    Look("/reset", ""),
    Look("/reset/{reset}", ""),
    Look("/reset/{reset}", "", "refused", press("Set the password"), answers=(422,)),
    Look("/setup?token=late", "", answers=(404,)),
    Look("/unsubscribe/{unsubscribe}", ""),
    Look("/unsubscribe/{off}", "", "already off"),
    Look("/received/{arrival}", ""),
    Look("/received/{arrived}", "", "already said"),
    Look("/nowhere", "", answers=(404,)),
]

PORTAL = [
    Look("/", "bob"),
    Look("/", "bob", "gear wheel", open_menu("Settings")),
    Look("/", "bob", "person", open_menu("Bob Baker")),
    Look("/", "bob", "refused", press("Make app"), answers=(422,)),
    Look("/apps/{leads}", "bob"),
    Look("/apps/{leads}", "bob", "refused", press("Add record"), answers=(422,)),
    Look("/apps/{empty}"),
    Look("/apps/{leads}/settings"),
    Look("/apps/{leads}/deletion"),
    Look(RECORD, "bob"),
    Look(RECORD, "bob", "refused", press("Post comment"), answers=(422,)),
    Look("/apps/{leads}/records/{wide}", "bob"),
    Look(RECORD + "/revision"),
    Look(RECORD + "/deletion"),
    Look(RECORD + "/comments/{comment}/revision"),
    Look(RECORD + "/comments/{comment}/deletion"),
    Look("/change", "bob"),
    Look("/change", "bob", "refused", press("Change the password"), answers=(422,)),
    Look("/verify", "bob"),
    Look("/admin/", "bob", answers=(403,)),
    Look("/apps/999", "bob", answers=(404,)),
]

ADMINISTRATION = [
    Look("/admin/"),
    Look("/admin/", name="gear wheel", act=open_menu("Settings")),
    Look("/admin/users"),
    Look("/admin/users?q=nobody", name="nobody"),
    Look("/admin/users/new"),
    Look("/admin/users/new", name="refused", act=press("Add the user"), answers=(422,)),
    Look("/admin/users/{bob}"),
    Look("/admin/users/{carol}", name="disabled"),
    Look("/admin/users/{dan}", name="invited"),
    Look("/admin/audit-log"),
    Look("/admin/audit-log?action=app_deleted", name="nothing"),
    Look("/admin/system"),
    Look("/admin/captured"),
    Look("/admin/captured/1"),
]

MAIL = [
    Look(ACCOUNT),
    Look(ACCOUNT, name="built-in", act=_builtin),
    Look(ACCOUNT + "/provider/microsoft-365"),
    Look(ACCOUNT + "/provider/fastmail?email_address=portal@fastmail.com", name="own domain"),
    Look(ACCOUNT, name="advice", act=_external_in_clear),
    Look(ACCOUNT, name="refused", act=press("Save", smtp_host="a b"), answers=(422,)),
    Look(ACCOUNT, name="paused", state=lambda house: house.in_trouble(LOGIN_REFUSED)),
    Look(ACCOUNT, name="waiting", state=lambda house: house.in_trouble(NO_CONNECTION)),
    Look(ACCOUNT, name="warned", state=warned),
    Look(ACCOUNT, name="stopped", state=lambda house: house.without_worker()),
    *(
        Look(ACCOUNT + f"/checks/{{check_{state}}}", name=state)
        for state in ("untrusted", "mismatched", "ok", "replaced", "refused", "left", "running")
    ),
    Look(
        ACCOUNT + "/checks/{check_running}",
        name="check without a worker",
        state=lambda house: house.without_worker(),
    ),
    Look(ACCOUNT + "/checks/{check_untrusted}?repair=trust-certificate", name="asks for password"),
    Look("/admin/", name="paused banner", state=lambda house: house.in_trouble(LOGIN_REFUSED)),
    Look("/admin/", name="seen", act=_seen, state=lambda house: house.in_trouble(LOGIN_REFUSED)),
    Look(ACCOUNT + "/notes"),
    Look(ACCOUNT + "/notes", name="checked", act=open_details, state=sender_checked),
    Look(ACCOUNT + "/notes", name="waiting", state=lambda house: sender_checked(house, False)),
    Look(ACCOUNT + "/notes/keys/{dkim}/withdrawal"),
    Look(ACCOUNT + "/notes/headers"),
    Look(ACCOUNT + "/notes/headers", name="read", act=_paste_headers),
    Look(ACCOUNT + "/notes/headers", name="refused", act=press("Read"), answers=(422,)),
    *(
        Look(ACCOUNT + f"/tests/{{test_{state}}}", name=state)
        for state in ("queued", "sent", "received", "failed", "uncertain", "withdrawn")
    ),
    Look(FAILURES),
    Look(FAILURES, name="running", state=lambda house: house.retrying()),
    Look(FAILURES + "?state=failed", name="unfolded"),
    Look(FAILURES + "?state=sent", name="accepted"),
    Look(FAILURES + "?state=waiting", name="waiting for a summary"),
    Look(FAILURES + "?state=skipped", name="not mailed"),
    Look(FAILURES + "?state=skipped&before=1", name="nobody"),
    Look(FAILURES + "?recipient=nobody", name="nothing matches"),
    Look(FAILURES + "/kept"),
    Look(FAILURES + "/kept", name="refused", act=press("Save", days="0"), answers=(422,)),
    Look(FAILURES + "/retry?state=failed"),
    Look(FAILURES + "/retry?state=uncertain", name="in doubt"),
    Look(FAILURES + "/retry?kind=test", name="none"),
    Look(FAILURES + "/retries/{retry_done}", name="done"),
    Look(FAILURES + "/retries/{retry_cancelled}", name="stopped"),
    Look(FAILURES + "/{failure_failed}/letter"),
    *(
        Look(FAILURES + f"/{{failure_{state}}}", name=state, act=open_details)
        for state in ("queued", "failed", "uncertain")
    ),
]

LOGIN = [
    Look(ACCOUNT, name="parts opened", act=open_details),
    Look(ACCOUNT, name="OAuth", state=with_oauth),
    Look(ACCOUNT, name="OAuth refused", state=lambda house: with_oauth(house, "refused")),
    Look(ACCOUNT, name="Google", state=lambda house: with_oauth(house, oauth_provider="google")),
    Look(ACCOUNT, name="other", state=lambda house: with_oauth(house, oauth_provider="other")),
    Look(ACCOUNT + "/oauth/consent", state=with_oauth),
    Look(ACCOUNT + "/oauth/callback?error=no", name="no", state=with_oauth, answers=(400,)),
    *(
        Look(ACCOUNT + f"/oauth/grants/{GRANT}", name=name, state=partial(with_oauth, grant=name))
        for name in REPORTS
    ),
]

HELD = [
    Look(ACCOUNT + "/held", name="nothing"),
    *(
        Look(ACCOUNT + path, name="some", state=lambda house: house.holding())
        for path in ("/held", "/held/release", "/held/drop")
    ),
]

# On a portal where nothing has happened yet.
EMPTY = [Look("/"), Look(FAILURES), Look(ACCOUNT), Look("/admin/captured"), Look("/admin/system")]

ALL = NEW + SIGNED_OUT + PORTAL + PERSON + BELL + ADMINISTRATION + LEAVING + MAIL + LOGIN + HELD
ALL += EMPTY

# What answers GET without being a page of its own: pieces for htmx, redirects, for machines.
PIECES = {
    *("static", "ops.healthz", "ops.readyz", "ops.metrics"),
    *("portal.all_apps", "portal.all_records", "portal.all_comments"),
    "system_mail.checked_steps",
    *("system_mail.port", "system_mail.typed_port", "system_mail.auth"),
    *("system_mail.suggestion", "system_mail.provider_lookup"),
    *(
        "system_mail.now",
        "system_mail.state",
        "system_mail.sender_check",
        "system_mail.grant_state",
    ),
    *("failures.export", "personal_settings.own_data", "administration.mails_body"),
    *("system_mail.test_outcome", "system_mail.captured_body", "system_mail.captured_raw"),
}
