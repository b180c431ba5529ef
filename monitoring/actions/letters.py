"""What goes into a mail: one template for text and one for HTML, whose style is written into each element."""

from __future__ import annotations

from functools import cache
from typing import Any

import css_inline
from django.template.loader import render_to_string
from django.utils import timezone


def write(name: str, context: dict[str, Any]) -> tuple[str, str]:
    """Text and HTML of `templates/emails/<name>`, hours as the clocks of `context["site"]` show them.

    Mail programs ignore style sheets, hence the inlining.
    """
    with timezone.override(context["site"].zone):
        text = render_to_string(f"emails/{name}.txt", context).strip() + "\n"
        page = render_to_string(f"emails/{name}.html", context)
    return text, _inliner().inline(page)


@cache
def _inliner() -> css_inline.CSSInliner:
    """The style of all mails, read once."""
    return css_inline.CSSInliner(extra_css=render_to_string("emails/mail.css"), load_remote_stylesheets=False)
