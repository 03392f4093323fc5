"""What the form says beside its fields: stored password, mismatched port, login in clear."""

from __future__ import annotations

from dataclasses import dataclass

from sysmail.account import Account, has_password_for
from sysmail.smtp import is_loopback_host
from sysmail.vault import Vault
from sysmail.web.system_mail.forms import AccountForm
from sysmail.web.times import day
from sysmail.words import _


@dataclass(frozen=True)
class Fields:
    """Advice on the values shown in `form`, which may differ from those stored. `knows_typed`:
    the password typed for the form's check still counts."""

    form: AccountForm
    account: Account
    vault: Vault
    knows_typed: bool = False

    @property
    def encryption(self) -> str:
        """Its label."""
        shown = self.form.encryption.data
        return next((str(o.label.text) for o in self.form.encryption if o.data == shown), "")

    @property
    def is_plain(self) -> bool:
        return bool(self.form.encryption.data == "plain")

    @property
    def is_loopback(self) -> bool:
        return is_loopback_host(self.form.smtp_host.data or "")

    @property
    def asks_about_clear_login(self) -> bool:
        asks = bool(self.form.use_smtp_auth.data) and not self.form.uses_oauth
        return asks and self.is_plain

    @property
    def has_password(self) -> bool:
        return self.account.password_sealed is not None

    @property
    def needs_password_again(self) -> bool:
        """A password is stored, but not for the values shown."""
        if self.knows_typed:
            return False
        settings = self.form.settings()
        return self.has_password and not has_password_for(self.account, self.vault, settings)

    @property
    def password_hint(self) -> str:
        """Whether a password is stored, and what a blank field means."""
        if self.knows_typed:
            return _("The password typed for the check is still known. Leave blank to use it.")
        if not self.has_password or self.account.password_changed_at is None:
            return _("It is stored encrypted and never shown again.")
        if self.needs_password_again:
            return _(
                "A password is stored, but for another server, port, encryption or account name. "
                "Enter the one for these settings."
            )
        return _(
            "A password is stored (changed %(day)s by %(name)s). Leave blank to keep it.",
            day=day(self.account.password_changed_at),
            name=self.account.password_changed_by,
        )

    @property
    def port_advice(self) -> str:
        """Where port and encryption contradict each other by convention (RFC 8314)."""
        pair = (self.form.encryption.data, (self.form.smtp_port.data or "").strip())
        if pair == ("ssl", "587"):
            return _("Port 587 usually speaks STARTTLS. SSL usually answers at port 465.")
        if pair == ("starttls", "465"):
            return _("Port 465 usually speaks SSL. STARTTLS usually answers at port 587.")
        if pair == ("plain", "465"):
            return _("Port 465 usually speaks SSL. Plain usually answers at port 25.")
        return ""
