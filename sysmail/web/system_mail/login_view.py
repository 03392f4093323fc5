"""What the page says beside the fields for trust and for the OAuth log-in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sysmail import clock
from sysmail.account import (
    NO_CONSENT,
    Account,
    Authorization,
    RunsOut,
    authorities,
    callback_url,
    consent_server,
    has_secret_for,
    needs_consent,
    pinned,
    running_out,
    uses_oauth,
)
from sysmail.config import Config
from sysmail.smtp import Certificate
from sysmail.vault import Vault
from sysmail.web.system_mail.forms import AccountForm
from sysmail.web.system_mail.login_forms import CHOSEN
from sysmail.web.times import day
from sysmail.words import _, ngettext


@dataclass(frozen=True)
class LoginView:
    """`form` shows values that may differ from those stored in `account`. `knows_typed`: the
    client secret typed for the form's check still counts."""

    form: AccountForm
    account: Account
    vault: Vault
    config: Config
    knows_typed: bool = False

    @property
    def seen(self) -> str:
        """The controls that a fragment of the form takes along, as a selector."""
        return ",".join(f"[name='{name}']" for name in CHOSEN)

    @property
    def uses_oauth(self) -> bool:
        """As stored."""
        return uses_oauth(self.account)

    @property
    def trusts(self) -> tuple[Certificate, ...]:
        """The certificates stored as trusted."""
        leaf = pinned(self.account)
        return (leaf,) if leaf else authorities(self.account)

    @property
    def opens_trust(self) -> bool:
        form = self.form
        return bool(form.trust_ca.data or form.trust_fingerprint.data)

    @property
    def running_out(self) -> list[RunsOut]:
        return running_out(self.account, clock.now())

    @property
    def ending(self) -> list[datetime]:
        """When certificates end that end soon."""
        return [one.at for one in self.running_out]

    @property
    def has_secret(self) -> bool:
        return self.account.client_secret_sealed is not None

    @property
    def secret_hint(self) -> str:
        account = self.account
        if self.knows_typed:
            return _("The client secret typed for the check is still known. Leave blank to use it.")
        if account.client_secret_sealed is None or account.client_secret_changed_at is None:
            return _("It is stored encrypted and never shown again.")
        if not has_secret_for(account, self.vault, self.form.settings()):
            return _(
                "A client secret is stored, but for another mail server, account name or "
                "application. Enter the one for these settings."
            )
        return _(
            "A client secret is stored (changed %(day)s by %(name)s). Leave blank to keep it.",
            day=day(account.client_secret_changed_at),
            name=account.client_secret_changed_by,
        )

    @property
    def callback(self) -> str:
        return callback_url(self.config)

    @property
    def server(self) -> str:
        """The authorization server's name, as stored."""
        return consent_server(self.account)

    @property
    def wants_consent(self) -> bool:
        return needs_consent(self.account, self.vault)

    @property
    def granted(self) -> Authorization | None:
        return self.account.authorization if self.uses_oauth else None

    @property
    def refusal(self) -> str:
        """Why no token was given when last asked."""
        found = self.granted
        if found is None or not found.trouble or found.words == NO_CONSENT:
            return ""
        return found.words or found.trouble

    @staticmethod
    def days_left(until: datetime) -> str:
        """`expires in 12 days, on 3 May 2027`."""
        days = (until - clock.now()).days
        on = day(until)
        if days < 0:
            return _("expired on %(day)s", day=on)
        if days == 0:
            return _("expires within a day, on %(day)s", day=on)
        return ngettext(
            "expires in %(num)s day, on %(day)s",
            "expires in %(num)s days, on %(day)s",
            days,
            day=on,
        )
