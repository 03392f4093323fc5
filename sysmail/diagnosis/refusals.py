"""What many mail servers say in nearly the same words, whoever runs them."""

from __future__ import annotations

from sysmail.diagnosis import accepting
from sysmail.diagnosis.reaching import RULES
from sysmail.diagnosis.rule import Rule, Trap, Who
from sysmail.words import lazy

_LATER = "recipient_try_later content_try_later refused_for_now server_busy sending_too_fast"
_REFUSED = "refused content_rejected"
_EITHER = f"{_LATER} {_REFUSED} server_refuses_us ip_blocked"

TRAPS = (
    Trap(
        "greylisting",
        "recipient_try_later content_try_later",
        r"gr[ea]y-?list|come back in \d",
        Rule(
            lazy("The mail server makes every new sender wait once, to keep spammers off."),
            Who.NOBODY,
            lazy("This is called greylisting, and passes within minutes to an hour."),
            passes=True,
        ),
    ),
    Trap(
        "mailbox_full_for_now",
        "recipient_try_later",
        r"\b4\.2\.2\b|out of storage|over quota|(mailbox|inbox) (is )?full|quota exceeded",
        Rule(
            lazy("The mailbox %(address)s is full."),
            Who.RECIPIENT,
            lazy("Ask the person to make room."),
            passes=True,
        ),
        like="mailbox_full",
    ),
    Trap(
        "hourly_limit",
        "quota_exceeded",
        r"^(?!.*(\bdaily\b|\bday\b|\b\d\d+[- ]?hours?\b)).*\bhour(ly)?\b",
        Rule(
            lazy("The number of mails that your mail provider allows in an hour is used up."),
            Who.ADMINISTRATOR,
            lazy(
                "The provider allows more within the hour. If this happens often, ask for a higher "
                "limit or use another mail server."
            ),
            direct=accepting.RULES["quota_exceeded"].direct,
        ),
    ),
    Trap(
        "not_directly",
        "ip_blocked refused server_refuses_us",
        r"to send (e-?)?mail directly|smtp relay at your",
        Rule(
            lazy("%(server)s takes no mail straight from the network address that it comes from."),
            Who.PROVIDER,
            lazy("Show your mail provider the server's words below."),
            direct=Rule(
                lazy("%(server)s takes no mail straight from a network address like this one."),
                Who.ADMINISTRATOR,
                lazy("Use External mail server with the settings of your mail provider."),
            ),
        ),
    ),
    Trap(
        "not_logged_in",
        f"sender_not_allowed {_REFUSED} relay_denied",
        r"not logged in|Unauthenticated senders|Client host rejected: Access denied"
        r"|authentication (is )?required|please (authenticate|log in)|must (be )?authenticate",
        Rule(
            lazy("%(server)s takes mail only after a login."),
            Who.ADMINISTRATOR,
            lazy(
                "Tick Use SMTP AUTH on the System Mail Account page and enter the account name "
                "and password your provider gave you."
            ),
            direct=Rule(
                lazy("%(server)s takes mail only from machines it knows."),
                Who.RECIPIENT,
                lazy("Ask the person to tell the people who run %(domain)s, or another address."),
            ),
        ),
        like="login_required",
    ),
    Trap(
        "sender_cannot_receive",
        f"sender_not_allowed {_LATER} {_REFUSED}",
        r"Sender verify failed|sender address rejected: (undeliverable|unverified)"
        r"|could not verify (the )?sender|callback.{0,40}fail",
        Rule(
            lazy("The server asked whether the system's e-mail address exists, and it does not."),
            Who.ADMINISTRATOR,
            lazy("Create a mailbox of that address, or enter one that can receive mail."),
        ),
        like=None,
    ),
    Trap(
        "sender_domain_unknown",
        f"sender_not_allowed {_LATER} {_REFUSED}",
        r"sender address rejected: domain( of sender address)?.{0,60}not (found|exist)"
        r"|sender domain.{0,40}(not (exist|found|resolve)|must (exist|resolve))|\b[45]\.1\.8\b",
        Rule(
            lazy("The part after the @ of the system's e-mail address is not known as a domain."),
            Who.ADMINISTRATOR,
            lazy("Enter an address of a domain that exists and receives mail."),
        ),
        like=None,
    ),
    Trap(
        "name_refused",
        _EITHER,
        r"\b(helo|ehlo)\b.{0,20}(command )?(rejected|refused|denied|invalid)|need fully-qualified",
        RULES["helo_rejected"],
        like="helo_rejected",
    ),
    Trap(
        "no_reverse_name",
        _EITHER,
        r"\bPTR\b|reverse (dns|hostname|name|lookup)|cannot find your (reverse )?hostname"
        r"|\b4\.7\.23\b|\b[45]\.7\.25\b|does not resolve to (a |any )?(host)?name",
        Rule(
            lazy("No name leads back to the network address that the mail comes from."),
            Who.PROVIDER,
            lazy("Show your mail provider the server's words below: the address needs a name."),
            direct=Rule(
                lazy("No name leads back to this machine's network address."),
                Who.ADMINISTRATOR,
                lazy(
                    "Have your network provider set the reverse name (PTR) of the address to this "
                    "machine's name, or use External mail server."
                ),
            ),
        ),
        like=None,
    ),
    Trap(
        "yahoo_slowed",
        _LATER,
        r"\[TSS?\d+\]|user complaints",
        Rule(
            lazy("Yahoo takes no mail from this network address for some hours, after complaints."),
            Who.NOBODY,
            lazy("If it stays so for two days, ask Yahoo (senders.yahooinc.com)."),
            passes=True,
        ),
    ),
    Trap(
        "yahoo_policy",
        _REFUSED,
        r"5\.7\.9 .{0,10}Message not accepted for policy reasons",
        Rule(
            lazy("Yahoo refuses the mail: the proofs of its sender (DMARC) do not hold."),
            Who.ADMINISTRATOR,
            lazy(
                "Set up SPF and DKIM for the address's domain; an address at yahoo.com can only be "
                "used with Yahoo's own server."
            ),
        ),
        like="sender_unauthenticated",
    ),
    Trap(
        "listed_at_the_door",
        "server_refuses_us refused",
        r"spamhaus|\[BL\d+\]|block[- ]?list|black[- ]?list|\bbarracuda|poor reputation|\blisted\b",
        Rule(
            lazy("This machine's network address stands on a list of suspected spammers."),
            Who.ADMINISTRATOR,
            lazy("Have it removed from the list that the server's words below name."),
            direct=Rule(
                lazy("This machine's network address stands on a list of suspected spammers."),
                Who.ADMINISTRATOR,
                lazy(
                    "Use External mail server with your provider's settings, or have the address "
                    "removed from the list that the server's words below name."
                ),
                passes=True,
            ),
        ),
        like="ip_blocked",
    ),
    Trap(
        "too_many_connections",
        _LATER,
        r"too many (connections|concurrent|sessions)",
        Rule(
            lazy("%(server)s has too many connections open at the moment."),
            Who.NOBODY,
            passes=True,
        ),
    ),
)
