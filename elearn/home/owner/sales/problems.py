"""What the official rules found in an e-invoice, in words that say what to mend."""

from elearn.core.i18n import lazy_gettext as _l

MENDING = {
    "PEPPOL-EN16931-R003": _l("The buyer's reference or the order number is missing. Ask the buyer for one."),
    "PEPPOL-EN16931-R010": _l("The buyer has no electronic address: an EAN number, or an organisation number."),
    "PEPPOL-EN16931-R020": _l("You have no electronic address: write your number under Seller."),
    "PEPPOL-COMMON-R040": _l("An EAN number's digits do not fit together."),
    "PEPPOL-COMMON-R041": _l("A Norwegian organisation number's digits do not fit together."),
    "PEPPOL-COMMON-R042": _l("A CVR number's digits do not fit together."),
    "BR-06": _l("Your legal name is missing: write it under Seller."),
    "BR-07": _l("The buyer's name is missing."),
    "BR-08": _l("Your address is missing: write it under Seller."),
    "BR-61": _l("Your account number is missing: write it under Seller."),
    "BR-E-10": _l("The reason for the exemption from VAT is missing: sign the VAT off anew, with its reason."),
    "BR-AE-10": _l("The reason for the reverse charge is missing: sign the VAT off anew, with its reason."),
    "BR-O-10": _l("The reason why there is no VAT is missing: sign the VAT off anew, with its reason."),
    "BR-AE-02": _l("Reverse charge needs your VAT number and the buyer's number."),
    "DK-R-002": _l("Danish sellers must state their CVR number: write it under Seller."),
    "DK-R-014": _l("Your CVR number is not written as it must be: check it under Seller."),
    "NO-R-001": _l("Norwegian sellers registered for VAT must state their number with MVA: check it under Seller."),
    "NO-R-002": _l("Norwegian companies must state whether they stand in Foretaksregisteret: say so under Seller."),
}
"""By the rule's id. What is not in the table is told in the rules' own words."""


def plain_problems(problems: list[str]) -> list[str]:
    """Return what to mend, each once; a problem begins with the rule's id."""
    return list(dict.fromkeys(_plain(problem) for problem in problems))


def _plain(problem: str) -> str:
    rule, _colon, said = problem.partition(": ")
    return f"{MENDING[rule]} ({rule})" if rule in MENDING else f"{said} ({rule})"
