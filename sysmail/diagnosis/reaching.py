"""Rules for what goes wrong before the mail server has introduced itself."""

from __future__ import annotations

from sysmail.diagnosis.rule import Rule, Who
from sysmail.words import lazy

RULES = {
    "host_unknown": Rule(
        lazy("No address was found for %(host)s: there is no server of this name."),
        Who.ADMINISTRATOR,
        lazy(
            "Check the spelling of the SMTP server on the System Mail Account page; "
            "your mail provider's help page tells the right name."
        ),
        direct=Rule(
            lazy("The mail server that %(domain)s names does not exist."),
            Who.RECIPIENT,
            lazy("Ask the person for another address, or to tell the people who run %(domain)s."),
        ),
    ),
    "dns_unavailable": Rule(
        lazy("The directory of server names (DNS) did not answer, so %(host)s was not found."),
        Who.NOBODY,
        lazy(
            "If this lasts longer than an hour, check the network and DNS settings of the "
            "machine Sysmail runs on."
        ),
        passes=True,
    ),
    "domain_unknown": Rule(
        lazy("The part after the @ does not exist as a mail domain: %(domain)s."),
        Who.RECIPIENT,
        lazy("Check the address for a typing mistake, or ask the person for another one."),
    ),
    "domain_takes_no_mail": Rule(
        lazy("It is published that %(domain)s receives no mail at all."),
        Who.RECIPIENT,
        lazy("Ask the person for another address."),
    ),
    "domain_unroutable": Rule(
        lazy("The mail server of %(domain)s has only private addresses inside a network."),
        Who.ADMINISTRATOR,
        lazy(
            "If that mail server is your own, use External mail server with its name, or have "
            "the operator of Sysmail allow private targets (SYSMAIL_MX_PRIVATE=allow). "
            "Otherwise ask the person for another address."
        ),
    ),
    "host_not_allowed": Rule(
        lazy("%(server)s has an address that Sysmail may not connect to."),
        Who.ADMINISTRATOR,
        lazy(
            "Check the host name. If it is right, the operator of Sysmail must permit private "
            "addresses (SYSMAIL_SMTP_PRIVATE=allow)."
        ),
    ),
    "connection_refused": Rule(
        lazy("%(server)s was reached, but nothing answers at this port number."),
        Who.ADMINISTRATOR,
        lazy(
            "If it never worked, compare port number and encryption method with your "
            "provider's help page."
        ),
        passes=True,
        direct=Rule(
            lazy("%(server)s was reached, but takes no connections now."),
            Who.NOBODY,
            passes=True,
        ),
    ),
    "connection_timeout": Rule(
        lazy("%(server)s did not answer the connection in time."),
        Who.ADMINISTRATOR,
        lazy(
            "If it never worked, check the port number, and whether a firewall blocks it for "
            "the machine Sysmail runs on."
        ),
        passes=True,
        direct=Rule(
            lazy(
                "%(server)s did not answer in time. Perhaps the network blocks direct mail "
                "(port 25), as many do."
            ),
            Who.ADMINISTRATOR,
            lazy(
                "If mail to other domains does not go either, use External mail server with your "
                "provider's settings."
            ),
            passes=True,
        ),
    ),
    "network_unreachable": Rule(
        lazy("From the machine Sysmail runs on, there is no network path to %(host)s."),
        Who.ADMINISTRATOR,
        lazy("Check this machine's network connection."),
        passes=True,
    ),
    "port_25_blocked": Rule(
        lazy("No mail server can be reached directly: the network blocks port 25, as many do."),
        Who.ADMINISTRATOR,
        lazy(
            "Use External mail server with the settings of your mail provider, or ask your "
            "network provider to open port 25 for outgoing mail."
        ),
    ),
    "no_greeting": Rule(
        lazy("%(server)s accepted the connection, then said nothing."),
        Who.ADMINISTRATOR,
        lazy(
            "If it never worked, the encryption method may not fit the port: 465 goes with SSL, "
            "587 with STARTTLS."
        ),
        passes=True,
        direct=Rule(
            lazy("%(server)s accepted the connection, then said nothing."),
            Who.NOBODY,
            passes=True,
        ),
    ),
    "encryption_mismatch": Rule(
        lazy("The encryption method does not fit the port: each side waits for another language."),
        Who.ADMINISTRATOR,
        lazy(
            "On the System Mail Account page, choose the other encryption method. Usually SSL "
            "goes with port 465, and STARTTLS with port 587."
        ),
    ),
    "server_busy": Rule(
        lazy("%(server)s is too busy at the moment and asks to come back later."),
        Who.NOBODY,
        passes=True,
    ),
    "server_refuses_us": Rule(
        lazy("%(server)s turns away every connection from this machine."),
        Who.PROVIDER,
        lazy(
            "Ask your mail provider why; the server's words below tell them the reason. Often "
            "this machine's network address must be allowed first."
        ),
        direct=Rule(
            lazy("%(server)s turns away every connection from this machine."),
            Who.ADMINISTRATOR,
            lazy(
                "If it stays so, use External mail server: your provider's server is known to "
                "others and refused less often."
            ),
            passes=True,
        ),
    ),
    "helo_rejected": Rule(
        lazy("%(server)s does not like the name by which this machine introduces itself."),
        Who.ADMINISTRATOR,
        lazy(
            "Enter this machine's full name as Name in the greeting on the System Mail Account "
            "page, for example portal.example.com; Check connection has a button for that. With "
            "the built-in mail server, have the operator of Sysmail set SYSMAIL_HELO_NAME."
        ),
        direct=Rule(
            lazy("%(server)s does not like the name by which this machine introduces itself."),
            Who.ADMINISTRATOR,
            lazy(
                "Have the operator of Sysmail set this machine's full name (SYSMAIL_HELO_NAME, "
                "for example portal.example.com)."
            ),
        ),
    ),
    "not_smtp": Rule(
        lazy("What answers at %(host)s does not speak the language of mail servers (SMTP)."),
        Who.ADMINISTRATOR,
        lazy(
            "Check host name and port number: a web server, a firewall, or a server that reads "
            "mail (IMAP, POP) may be at this port."
        ),
        direct=Rule(
            lazy("%(server)s answered with something that no mail server says."),
            Who.NOBODY,
            passes=True,
        ),
    ),
    "connection_lost": Rule(
        lazy("The connection to %(host)s broke before the mail was handed over."),
        Who.NOBODY,
        lazy(
            "If it happens every time, compare port number and encryption method with your "
            "provider's help page, or ask your provider whether this machine may connect."
        ),
        passes=True,
        direct=Rule(
            lazy("The connection to %(host)s broke before the mail was handed over."),
            Who.NOBODY,
            passes=True,
        ),
    ),
}
