"""What counts as consent to a plan's treatment on a day."""

from __future__ import annotations

from datetime import date

import pytest

from scheduling.core.consent import Consent, ConsentState, consent_on, refuse_consent, refuse_withdrawal

BORN, SIGNED, WITHDRAWN, AGAIN, TODAY = (
    date(1970, 5, 1), date(2026, 1, 2), date(2026, 2, 10), date(2026, 2, 12), date(2026, 3, 30)
)  # fmt: skip
FIRST = Consent(SIGNED)
TAKEN_BACK = Consent(SIGNED, WITHDRAWN)
NEVER = Consent(SIGNED, in_error=True)
SECOND = Consent(AGAIN)


@pytest.mark.parametrize(
    ("consents", "on", "state"),
    [
        ([], TODAY, "missing"),
        ([FIRST], TODAY, "signed"),
        ([FIRST], SIGNED, "signed"),
        ([FIRST], date(2026, 1, 1), "missing"),
        ([TAKEN_BACK], date(2026, 2, 9), "signed"),
        ([TAKEN_BACK], WITHDRAWN, "withdrawn"),
        ([TAKEN_BACK], TODAY, "withdrawn"),
        ([TAKEN_BACK, SECOND], date(2026, 2, 11), "withdrawn"),
        ([TAKEN_BACK, SECOND], AGAIN, "signed"),
        ([NEVER], TODAY, "missing"),
        ([NEVER, SECOND], TODAY, "signed"),
        ([NEVER, SECOND], date(2026, 2, 11), "missing"),
        ([Consent(SIGNED, SIGNED), Consent(SIGNED)], SIGNED, "signed"),
    ],
)
def test_the_consent_signed_last_until_a_day_counts_on_it(consents, on, state):
    assert consent_on(consents, on).state is ConsentState(state)


def test_one_signed_after_the_day_is_named_as_such():
    standing = consent_on([NEVER, SECOND], date(2026, 2, 11))
    assert standing.why_missing == ("Consent to this treatment was signed on Thu 12 Feb 2026, which is after this day")
    assert consent_on([FIRST], TODAY).why_missing == ""
    assert consent_on([], TODAY).why_missing == "No signed consent to this treatment is on record"


@pytest.mark.parametrize(
    ("consents", "signed_on", "code"),
    [
        ([], TODAY, None),
        ([], date(2026, 3, 31), "consent-ahead"),
        ([], BORN, "consent-before-birth"),
        ([FIRST], TODAY, "consent-on-record"),
        ([TAKEN_BACK], date(2026, 2, 9), "consent-before-withdrawal"),
        ([TAKEN_BACK], WITHDRAWN, None),
        ([NEVER], SIGNED, None),
    ],
)
def test_what_cannot_have_been_signed_is_refused_with_its_reason(consents, signed_on, code):
    refusal = refuse_consent(consents, signed_on=signed_on, born_on=BORN, today=TODAY)
    assert (refusal and refusal.code) == code


@pytest.mark.parametrize(
    ("standing", "on", "code"),
    [
        (FIRST, TODAY, None),
        (FIRST, SIGNED, None),
        (None, TODAY, "no-consent"),
        (FIRST, date(2026, 3, 31), "withdrawal-ahead"),
        (FIRST, date(2026, 1, 1), "withdrawal-before-consent"),
    ],
)
def test_what_cannot_have_been_withdrawn_is_refused_with_its_reason(standing, on, code):
    refusal = refuse_withdrawal(standing, on=on, today=TODAY)
    assert (refusal and refusal.code) == code
