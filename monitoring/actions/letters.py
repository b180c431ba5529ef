"""What goes into a mail: one template for text and one for HTML, whose style is written into each element."""

from __future__ import annotations

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
    css = render_to_string("emails/mail.css")
    return text, css_inline.inline(page, extra_css=css, load_remote_stylesheets=False)
