"""An invented clinic to try everything on. Nobody in it exists: families are trees, numbers start with DEMO."""

from __future__ import annotations

PASSWORD = "demo-only-password"  # noqa: S105 - printed on the console, for the demo site alone

# role, e-mail, password: what `make run` prints.
SIGN_INS: tuple[tuple[str, str, str], ...] = (
    ("Infusion nurse", "nora@demo.example", PASSWORD),
    ("Oncologist", "omar@demo.example", PASSWORD),
    ("Coordinator", "cora@demo.example", PASSWORD),
    ("Pharmacist", "pia@demo.example", PASSWORD),
    ("Administrator", "ada@demo.example", PASSWORD),
)
