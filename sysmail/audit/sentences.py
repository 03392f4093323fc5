"""What an audit entry says, as a sentence; who did it stands beside it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sysmail.audit.former import known_as
from sysmail.words import Lazy, _, lazy

Details = Mapping[str, Any]

ACTIONS: dict[str, tuple[Lazy, Lazy]] = {
    "signed_in": (lazy("Signed in"), lazy("Signed in.")),
    "signed_out": (lazy("Signed out"), lazy("Signed out.")),
    "sign_in_failed": (lazy("Failed sign-in"), lazy("A sign-in as %(email)s failed.")),
    "throttled": (lazy("Throttled"), lazy("Too many tries from %(address)s were stopped.")),
    "password_changed": (lazy("Password changed"), lazy("Changed the own password.")),
    "password_reset": (lazy("Password set"), lazy("The password of %(name)s was set anew.")),
    "reset_asked_for": (
        lazy("Reset asked for"),
        lazy("A password reset for %(email)s was asked for."),
    ),
    "installation_set_up": (lazy("Set up"), lazy("Set up Sysmail as its first administrator.")),
    "user_added": (lazy("User added"), lazy("The user %(name)s (%(email)s) was added.")),
    "user_changed": (lazy("User changed"), lazy("The user %(name)s was changed.")),
    "user_disabled": (lazy("User disabled"), lazy("The user %(name)s was disabled.")),
    "user_enabled": (lazy("User enabled"), lazy("The user %(name)s was enabled.")),
    "user_erased": (lazy("User erased"), lazy("User number %(id)s was erased.")),
    "mail_tried_again": (
        lazy("Address tried again"),
        lazy("Mail goes again to %(name)s (%(email)s), whose address had refused it."),
    ),
    "mail_design_changed": (
        lazy("Mail design changed"),
        lazy("How e-mails look was changed."),
    ),
    "user_invited": (lazy("Link sent"), lazy("%(name)s was mailed a link to choose a password.")),
    "users_imported": (lazy("Users imported"), lazy("%(added)s users were imported.")),
    "mail_account_changed": (
        lazy("System Mail Account changed"),
        lazy("The System Mail Account was changed."),
    ),
    "mail_account_tried": (
        lazy("System Mail Account tried"),
        lazy("The paused System Mail Account was tried at once."),
    ),
    "mail_account_consented": (
        lazy("Consent to the mail log-in"),
        lazy("Consented to sending as %(account_name)s."),
    ),
    "clear_login_allowed": (
        lazy("Unencrypted login allowed"),
        lazy("Sending the mail password unencrypted to %(host)s was allowed."),
    ),
    "dkim_keys_made": (lazy("DKIM keys made"), lazy("DKIM keys were made for %(domain)s.")),
    "dkim_signing_started": (
        lazy("DKIM signing started"),
        lazy("The newest DKIM keys of %(domain)s sign from now on."),
    ),
    "dkim_key_withdrawn": (
        lazy("DKIM key withdrawn"),
        lazy("The DKIM key %(key)s was withdrawn."),
    ),
    "dkim_external_changed": (
        lazy("DKIM for external server"),
        lazy("Signing the mails of an external server was switched %(change)s."),
    ),
    "mail_trouble": (lazy("Mail trouble"), lazy("System mail is %(change)s.")),
    "delivery_retried": (lazy("Delivery retried"), lazy("A delivery was tried again.")),
    "deliveries_retried": (
        lazy("Deliveries retried"),
        lazy("Deliveries were tried again: %(count)s."),
    ),
    "delivery_cancelled": (
        lazy("Delivery cancelled"),
        lazy("The e-mail to %(recipient)s was cancelled before it was sent."),
    ),
    "history_retention_changed": (
        lazy("History kept"),
        lazy("How long the failure history is kept was changed."),
    ),
    "notification_defaults_changed": (
        lazy("Notification defaults changed"),
        lazy("What holds for those who never chose their notifications was changed."),
    ),
    "app_added": (lazy("App added"), lazy("The app %(app)s was added.")),
    "app_changed": (lazy("App changed"), lazy("The app %(app)s was changed.")),
    "app_deleted": (lazy("App deleted"), lazy("The app %(app)s was deleted.")),
    "record_deleted": (lazy("Record deleted"), lazy("The record %(title)s was deleted.")),
    "held_mail_released": (
        lazy("Held e-mail released"),
        lazy("Held e-mails were released: %(count)s."),
    ),
    "held_mail_dropped": (
        lazy("Held e-mail dropped"),
        lazy("Held e-mails were dropped: %(count)s."),
    ),
    "backup_restored": (
        lazy("Backup restored"),
        lazy("A backup was restored; e-mails held since: %(held)s."),
    ),
    "vault_rotated": (lazy("Keys renewed"), lazy("Stored secrets were sealed with a new key.")),
}

_FIELDS = {
    "name": lazy("name"),
    "email": lazy("address"),
    "administrator": lazy("administrator"),
    "portal": lazy("name of the portal"),
    "footer": lazy("footer"),
    "names_actor": lazy("names in the sender"),
    "reply_to": lazy("address for replies"),
    "mail_server": lazy("mail server"),
    "email_address": lazy("e-mail address"),
    "smtp_host": lazy("host"),
    "smtp_port": lazy("port"),
    "encryption": lazy("encryption"),
    "helo_name": lazy("name in the greeting"),
    "use_smtp_auth": lazy("SMTP AUTH"),
    "account_name": lazy("account name"),
    "allow_clear_login": lazy("unencrypted login"),
    "kept_days": lazy("days kept"),
    "trust_ca": lazy("trusted authority"),
    "trust_fingerprint": lazy("pinned certificate"),
    "login_method": lazy("log-in"),
    "oauth_provider": lazy("authorization server"),
    "oauth_grant": lazy("way to the token"),
    "authorize_url": lazy("authorization address"),
    "token_url": lazy("token address"),
    "oauth_scope": lazy("scope"),
    "client_id": lazy("client ID"),
    "client_secret_expires_on": lazy("end of the client secret"),
}

# Fields whose values are words of ours, and those that are not the same in every language.
_CODED = {"change", "mail_server", "encryption", "login_method"}
_CODES = {
    "active": lazy("active"),
    "builtin": lazy("builtin"),
    "external": lazy("external"),
    "off": lazy("off"),
    "on": lazy("on"),
    "password": lazy("password"),
    "paused": lazy("paused"),
    "plain": lazy("plain"),
    "resumed": lazy("resumed"),
}


def describe(action: str, details: Details) -> str:
    """One sentence, and what changed from what to what. An unknown action names itself."""
    if action not in ACTIONS:
        return action.replace("_", " ").capitalize() + "."
    label, sentence = ACTIONS[action]
    try:
        text = sentence % {name: _shown(name, value) for name, value in details.items()}
    except KeyError:
        text = f"{label}."
    return " ".join([text, *_changes(details)])


def label(action: str) -> str:
    """What the action is called in a list."""
    return str(ACTIONS[action][0]) if action in ACTIONS else action


def _changes(details: Details) -> list[str]:
    before, after = details.get("before") or {}, details.get("after") or {}
    texts = [
        _(
            "%(field)s: %(before)s → %(after)s.",
            field=_field(name),
            before=_shown(name, before.get(name)),
            after=_shown(name, after[name]),
        )
        for name in after
    ]
    if details.get("password") == "changed":
        texts.append(_("The password was changed."))
    if details.get("password") == "removed":
        texts.append(_("The password was removed."))
    if details.get("client_secret") == "changed":
        texts.append(_("The client secret was changed."))
    if details.get("client_secret") == "removed":
        texts.append(_("The client secret was removed."))
    return [text[:1].upper() + text[1:] for text in texts]


def _field(name: str) -> str:
    return str(_FIELDS.get(name, name.replace("_", " ")))


def _shown(name: str, value: Any) -> str:
    if name in _CODED and value in _CODES:
        return str(_CODES[value])
    if value is True:
        return _("yes")
    if value is False:
        return _("no")
    return _("(none)") if value in (None, "") else known_as(str(value))
