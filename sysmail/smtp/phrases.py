"""The words by which mail servers say the same thing: regular expressions, whatever the case."""

OF_AN_APPLICATION = r"\bapp(lication)?\b.{0,10}\bpassword"
NAMES_TLS = r"\b(start)?tls\b|\bssl\b|encrypt"
HELO_REFUSED = r"\b(helo|ehlo|host ?name)\b.*\b(reject|refuse|invalid|denied)"
HELO_LATE = r"\b(helo|ehlo) command rejected|invalid (helo|ehlo) name"
DAILY = r"\bquota\b|\bdaily\b|\bper day\b"
TOO_FAST = r"throttl|sending rate|rate (over)?limit|relay limit|too many messages"
# What a provider lets one of its customers send in a while; a mailbox's own quota is another thing.
ALLOWANCE = (
    r"\b(sending|sent|relay|outgoing|outbound|daily|hourly|messages)\b[\w ]{0,20}"
    r"\b(quota|limit)\b|\b(quota|limit|max\w*|exceed\w*|too many)\b.{0,50}\b(per|an?|in (an?|one)) "
    r"?(hour|day)\b|\blimit\b.{0,40}\b(outgoing|outbound|sent) (messages|e?-?mails?)\b"
)
# Of the recipient's mailbox these words may be said too, but not at MAIL.
MAIL_QUOTA = r"\bmail quota\b"
NOT_ALLOWANCE = r"mailbox|storage|\bsize\b|receiv|relay limit|\buser\b.{0,20}over"
TOO_QUICKLY = r"grey-?list|gray-?list|receiving (mail )?(too quickly|at a rate)"
FULL = (
    r"\bover[- ]?quota|quota exceeded|exceeded (the |its |his |their )?(storage|quota)\b"
    r"|\b(mail)?box (is |was )?(over|full)"
)
MESSAGE_SIZE = r"\bmail size|\bmessage( size| is)? (exceed|too (big|large))|too (big|large) message"
NO_LOGIN = (
    r"\bauth(entication)? (is |command )?(required|needed)|must (first )?authenticate"
    r"|requires (smtp )?auth"
)
NOT_DIRECTLY = r"not authorized to send (e-?)?mail directly|use the smtp relay at your"
RELAY = r"\brelay|\brcpthosts\b"
BLOCK_LIST = (
    r"block[- ]?list|black[- ]?list|deny[- ]?list|\b(dns|r)bls?\b|spamhaus|barracuda|spamcop"
    r"|\bblocked (using|by)\b|\blisted (at|by|in|on)\b|poor reputation|banned sending ip"
    f"|{NOT_DIRECTLY}"
)
SENDER = (
    r"\bsender\b(?!'s)|\bsend(ing)? (as|on behalf)\b|\b(from|envelope|return)[- ](address|path)\b"
    r"|\bmail from\b|not owned by|\bsending (from )?domain\b"
)
POLICIES = r"\b(spf|dkim|dmarc)\b|sender policy framework"
NOT_OF_SENDER = f"{BLOCK_LIST}|{POLICIES}|{TOO_FAST}|{ALLOWANCE}"
SES_IDENTITY = r"\b(address|identit\w+|domain)\b.{0,40}\bnot (been )?verified"
