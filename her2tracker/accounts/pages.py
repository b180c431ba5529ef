"""What pages of every app share: telling a refusal beside the form, and moving on."""

from __future__ import annotations

from django import forms
from django.http import HttpRequest
from django.utils.http import url_has_allowed_host_and_scheme

from her2tracker.lib.refusals import Refused


def tell(form: forms.BaseForm, refused: Refused) -> None:
    """Put a refusal where the person looks: beside its field, else on top of the form."""
    placed = False
    for name, sentences in refused.fields.items():
        if name in form.fields:
            for sentence in sentences:
                form.add_error(name, sentence)
            placed = True
    if not placed:
        form.add_error(None, str(refused))


def next_url(request: HttpRequest, otherwise: str) -> str:
    """`?next=` when it stays here, else `otherwise`: no page of ours sends a person elsewhere."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    is_ours = url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return wanted if is_ours else otherwise
