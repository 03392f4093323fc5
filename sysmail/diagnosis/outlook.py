"""Traps of Microsoft 365 and Outlook.com as the recipient's server."""

from __future__ import annotations

from sysmail.diagnosis.rule import Rule, Trap, Who
from sysmail.words import lazy

_LATER = "recipient_try_later content_try_later refused_for_now server_busy sending_too_fast"

TRAPS = (
    Trap(
        "outlook_block_list",
        "ip_blocked server_refuses_us refused",
        r"\bS31[45]0\b|messages from .{3,60} weren't sent|part of their network is on our block",
        Rule(
            lazy(
                "Outlook.com refuses mail from the network address that your provider sends from."
            ),
            Who.PROVIDER,
            lazy(
                "Show your mail provider the server's words below: the provider must ask Microsoft "
                "to lift the block."
            ),
            direct=Rule(
                lazy("Outlook.com refuses mail from this machine's network address."),
                Who.ADMINISTRATOR,
                lazy(
                    "Ask Microsoft to lift the block (sendersupport.olc.protection.outlook.com), "
                    "or use External mail server with your provider's settings."
                ),
            ),
        ),
    ),
    Trap(
        "microsoft_banned_address",
        "ip_blocked refused content_rejected",
        r"\b5\.7\.6(0[6-9]|[1-4]\d)\b|banned sending IP",
        Rule(
            lazy(
                "Microsoft 365 refuses mail from the network address that your provider sends from."
            ),
            Who.PROVIDER,
            lazy("Show your mail provider the server's words below."),
            direct=Rule(
                lazy("Microsoft 365 refuses mail from this machine's network address."),
                Who.ADMINISTRATOR,
                lazy(
                    "Ask Microsoft to take the address off its list (sender.office.com), or use "
                    "External mail server with your provider's settings."
                ),
            ),
        ),
    ),
    Trap(
        "microsoft_address_slowed",
        _LATER,
        r"\b4\.7\.6[56]\d\b|rate limited due to IP reputation|\bRP-00[1-3]\b",
        Rule(
            lazy(
                "Microsoft takes only a few mails at a time from a network address it hardly knows."
            ),
            Who.NOBODY,
            lazy("This passes as the address becomes known for wanted mail."),
            passes=True,
        ),
    ),
    Trap(
        "outlook_proofs",
        "sender_unauthenticated",
        r"\b5\.7\.515\b|does not meet the required authentication level",
        Rule(
            lazy("Outlook.com wants SPF, DKIM and DMARC for the address's domain; one is missing."),
            Who.ADMINISTRATOR,
            lazy(
                "Set up what is missing; the page Notes on Setting Up a System Email Address "
                "tells which, and what to enter."
            ),
        ),
    ),
    Trap(
        "microsoft_no_such_recipient",
        "refused recipient_unknown relay_denied",
        r"5\.4\.1 .{0,80}Recipient address rejected: Access denied",
        Rule(
            lazy("The mailbox %(address)s does not exist there, or takes no mail from outside."),
            Who.RECIPIENT,
            lazy("Check the address for a typing mistake, or ask the person for the right one."),
        ),
        like="recipient_unknown",
    ),
)
