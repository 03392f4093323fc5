"""Rules for sender, recipient and content: what the server says to the mail itself."""

from __future__ import annotations

from sysmail.diagnosis.rule import Rule, Who
from sysmail.words import lazy

RULES = {
    "sender_not_allowed": Rule(
        lazy("%(server)s does not let this account send with the system's e-mail address."),
        Who.ADMINISTRATOR,
        lazy(
            "Enter the e-mail address that belongs to the login, or have your provider permit "
            "this address as a sender (some call it “verified sender” or “send as”)."
        ),
        direct=Rule(
            lazy("%(server)s does not accept the system's e-mail address as a sender."),
            Who.ADMINISTRATOR,
            lazy("Use External mail server with an address at your mail provider."),
        ),
    ),
    "message_too_large": Rule(
        lazy("The mail is larger than %(host)s accepts."),
        Who.ADMINISTRATOR,
        lazy("Shorten the record or comment, or ask your mail provider for a higher limit."),
    ),
    "international_address_unsupported": Rule(
        lazy("The address %(address)s contains letters that %(host)s cannot handle."),
        Who.RECIPIENT,
        lazy("Ask the person for an address in plain Latin letters."),
    ),
    "sending_too_fast": Rule(
        lazy("%(server)s asks for fewer mails per minute."),
        Who.NOBODY,
        lazy("Sysmail slows down by itself."),
        passes=True,
    ),
    "quota_exceeded": Rule(
        lazy("The number of mails that your mail provider allows in a day is used up."),
        Who.ADMINISTRATOR,
        lazy(
            "The provider allows more after some hours, mostly the next day. If this happens "
            "often, ask for a higher limit or use another mail server."
        ),
        direct=Rule(
            lazy("%(server)s takes no more mails from this machine for a while: it counts them."),
            Who.NOBODY,
            passes=True,
        ),
    ),
    "recipient_try_later": Rule(
        lazy("The mailbox %(address)s takes no mail at the moment."),
        Who.NOBODY,
        lazy("Some servers refuse the first try of every new sender on purpose (greylisting)."),
        passes=True,
    ),
    "recipient_unknown": Rule(
        lazy("The mailbox %(address)s does not exist."),
        Who.RECIPIENT,
        lazy("Check the address for a typing mistake, or ask the person for the right one."),
    ),
    "mailbox_full": Rule(
        lazy("The mailbox %(address)s is full."),
        Who.RECIPIENT,
        lazy("Ask the person to make room."),
        passes=True,
    ),
    "relay_denied": Rule(
        lazy("%(server)s refuses to pass on mail to other domains, such as %(domain)s."),
        Who.ADMINISTRATOR,
        lazy(
            "Tick Use SMTP AUTH and log in, or have the people who run the mail server allow "
            "this machine to send through it."
        ),
        direct=Rule(
            lazy("%(server)s says that it does not receive mail for %(domain)s."),
            Who.RECIPIENT,
            lazy("Ask the person for another address, or to tell the people who run %(domain)s."),
        ),
    ),
    "sender_unauthenticated": Rule(
        lazy(
            "The mail was refused because nothing proves that this server may send for the "
            "system's e-mail address."
        ),
        Who.ADMINISTRATOR,
        lazy(
            "Have the proofs SPF and DKIM set up for the address's domain; the page Notes on "
            "Setting Up a System Email Address explains them."
        ),
    ),
    "ip_blocked": Rule(
        lazy("The network address the mail comes from stands on a list of suspected spammers."),
        Who.PROVIDER,
        lazy(
            "Show your mail provider the server's words below: the provider must have the address "
            "removed from the list."
        ),
        direct=Rule(
            lazy("This machine's network address stands on a list of suspected spammers."),
            Who.ADMINISTRATOR,
            lazy(
                "Use External mail server with your provider's settings, or have the address "
                "removed from the list that the server's words below name."
            ),
        ),
    ),
    "content_try_later": Rule(
        lazy("%(server)s received the mail but could not take it at the moment."),
        Who.NOBODY,
        passes=True,
    ),
    "content_rejected": Rule(
        lazy("%(server)s received the mail and refused its content, mostly as suspected spam."),
        Who.PROVIDER,
        lazy(
            "Show your mail provider the server's words below. A mail with other words or links "
            "may pass."
        ),
    ),
    "no_answer_after_data": Rule(
        lazy(
            "The mail was handed over, but the connection broke before %(host)s confirmed it: "
            "it may or may not have arrived."
        ),
        Who.NOBODY,
        lazy("Before you send it again yourself, ask the recipient: a second copy may arrive."),
        passes=True,
    ),
    "refused_for_now": Rule(
        lazy("%(server)s did not take the mail this time; no rule matched its words."),
        Who.NOBODY,
        passes=True,
    ),
    "refused": Rule(
        lazy("%(server)s refuses, and no rule matched its words."),
        Who.PROVIDER,
        lazy("Read the server's words below, or show them to your mail provider."),
    ),
    "cannot_compose": Rule(
        lazy("Sysmail could not make this mail; it was not sent to any server."),
        Who.ADMINISTRATOR,
        lazy(
            "Check the recipient's address and name on the Users page. If they look right, this "
            "is a fault of Sysmail: report it with the words below."
        ),
    ),
}
