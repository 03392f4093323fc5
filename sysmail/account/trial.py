"""The account as it would be if the settings were saved: for looking at, never stored."""

from __future__ import annotations

from sqlalchemy import inspect
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import set_committed_value

from sysmail.account.account import current
from sysmail.account.columns import columns
from sysmail.account.models import Account
from sysmail.account.settings import Problems, Settings, problems
from sysmail.audit import Actor
from sysmail.config import Config
from sysmail.vault import Vault


def trial(
    session: Session, vault: Vault, config: Config, actor: Actor, settings: Settings
) -> Account | Problems:
    """A row that belongs to no session, or the stored one where nothing differs from it.

    Otherwise one message for each wrong field, by the rules of `save`.
    """
    account = current(session)
    settings = settings.trimmed().over(account)
    if found := problems(settings, account, config, vault):
        return found
    written = columns(settings, vault, actor, account)
    if all(getattr(account, name) == value for name, value in written.items()):
        return account
    names = inspect(Account).columns.keys()
    tried = Account(**{name: getattr(account, name) for name in names} | written)
    if "client_secret_sealed" not in written:
        # A save would keep them too, where their seals still fit.
        set_committed_value(tried, "authorization", account.authorization)
    return tried
