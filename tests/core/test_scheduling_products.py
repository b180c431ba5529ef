"""Brand and suffix: what may stand as the product of an agent."""

from __future__ import annotations

import pytest

from scheduling import catalog
from scheduling.core import products

# CLINICAL.md section 1.2: the biosimilars with the four letters that tell one from the other
SUFFIXES = {
    "Ogivri": "dkst", "Herzuma": "pkrb", "Ontruzant": "dttb", "Trazimera": "qyyp", "Kanjinti": "anns",
    "Hercessi": "strf",
}  # fmt: skip


def test_every_biosimilar_of_trastuzumab_is_offered_with_its_suffix():
    names = {product.name for product in products.of_agent(catalog.products(), "trastuzumab")}
    assert names == {f"{brand} (trastuzumab-{suffix})" for brand, suffix in SUFFIXES.items()} | {
        "Herceptin (trastuzumab)"
    }


@pytest.mark.parametrize(
    ("agent", "said", "name"),
    [
        ("trastuzumab", "ogivri", "Ogivri (trastuzumab-dkst)"),
        ("trastuzumab", " trastuzumab-dkst ", "Ogivri (trastuzumab-dkst)"),
        ("trastuzumab", "Zercepac", "Zercepac"),
        ("trastuzumab-hyaluronidase", "herceptin  hylecta", "Herceptin Hylecta (trastuzumab and hyaluronidase)"),
        ("an-own-agent", "Brand X", "Brand X"),
    ],
)
def test_a_known_product_is_written_by_its_full_name(agent, said, name):
    assert products.named(catalog.products(), agent, said) == name


@pytest.mark.parametrize(
    ("agent", "said", "code"),
    [
        ("trastuzumab", "", "product-missing"),
        ("trastuzumab", "   ", "product-missing"),
        ("trastuzumab", "Trastuzumab", "product-missing"),
        ("trastuzumab", "Kadcyla", "product-of-another-agent"),
        ("trastuzumab-emtansine", "Enhertu (fam-trastuzumab deruxtecan-nxki)", "product-of-another-agent"),
        ("trastuzumab", "Herceptin Hylecta", "product-of-another-agent"),
        ("trastuzumab-hyaluronidase", "Herceptin", "product-of-another-agent"),
        ("trastuzumab-hyaluronidase", "Herceptin Hylecta", None),
        ("trastuzumab", "Herceptin", None),
        ("trastuzumab", "Zercepac", None),
        ("an-own-agent", "Brand X", None),
    ],
)
def test_the_product_of_another_agent_is_refused_by_name(agent, said, code):
    refusal = products.refuse_product(catalog.products(), agent, said)
    assert (refusal and refusal.code) == code
