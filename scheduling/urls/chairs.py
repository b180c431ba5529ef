"""Addresses of what a site has for infusions: the chairs of a day, one infusion's chair, products and their numbers."""

from __future__ import annotations

from django.urls import URLPattern, path

from scheduling.views import capacity, chair_booking, chair_settings, chairs, trade_numbers

urlpatterns: list[URLPattern] = [
    path("chairs/", chairs.chairs, name="chairs"),
    path("chairs/two-weeks/", capacity.chairs_capacity, name="chairs-capacity"),
    path("chairs/csv/", chairs.chairs_csv, name="chairs-csv"),
    path("chairs/proposal/", chairs.chairs_proposal, name="chairs-proposal"),
    path("settings/chairs/", chair_settings.chair_settings, name="chair-settings"),
    path("settings/chairs/add/", chair_settings.chair_add, name="chair-add"),
    path("settings/chairs/<uuid:uuid>/", chair_settings.chair_change, name="chair-change"),
    path("settings/trade-numbers/", trade_numbers.trade_numbers, name="trade-numbers"),
    path("settings/trade-numbers/<uuid:uuid>/end/", trade_numbers.trade_number_end, name="trade-number-end"),
    path("cycle-days/<uuid:uuid>/chair/", chair_booking.cycle_chair, name="cycle-chair"),
    path("cycle-days/<uuid:uuid>/chair/give-back/", chair_booking.cycle_chair_give_back, name="cycle-chair-give-back"),
    path("cycle-days/<uuid:uuid>/chair/wish/", chair_booking.cycle_chair_wish, name="cycle-chair-wish"),
]
