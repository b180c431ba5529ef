"""Addresses of one infusion."""

from __future__ import annotations

from django.urls import URLPattern, path

from scheduling.views import (
    amendments,
    chairside,
    codes,
    corrections,
    cycles,
    moves,
    no_shows,
    releases,
    running,
    second_checks,
)

urlpatterns: list[URLPattern] = [
    path("cycle-days/<uuid:uuid>/", cycles.cycle_day, name="cycle-day"),
    path("cycle-days/<uuid:uuid>/delay/", moves.cycle_delay, name="cycle-delay"),
    path("cycle-days/<uuid:uuid>/forward/", moves.cycle_forward, name="cycle-forward"),
    path("cycle-days/<uuid:uuid>/omit/", moves.cycle_omit, name="cycle-omit"),
    path("cycle-days/<uuid:uuid>/did-not-attend/", no_shows.cycle_not_attended, name="cycle-not-attended"),
    path("cycle-days/<uuid:uuid>/time/", cycles.cycle_time, name="cycle-time"),
    path("cycle-days/<uuid:uuid>/override/", cycles.cycle_override, name="cycle-override"),
    path("cycle-days/<uuid:uuid>/vitals/", chairside.cycle_vitals, name="cycle-vitals"),
    path("cycle-days/<uuid:uuid>/reaction/", chairside.cycle_reaction, name="cycle-reaction"),
    path("cycle-days/<uuid:uuid>/start/", running.cycle_start, name="cycle-start"),
    path("infusion-runs/<uuid:uuid>/stop/", running.run_stop, name="run-stop"),
    path("infusion-runs/<uuid:uuid>/withdraw/", running.run_withdraw, name="run-withdraw"),
    path("vital-signs/<uuid:uuid>/amend/", corrections.vitals_amend, name="vitals-amend"),
    path("reactions/<uuid:uuid>/amend/", corrections.reaction_amend, name="reaction-amend"),
    path("cycle-days/<uuid:uuid>/release/", releases.cycle_release, name="cycle-release"),
    path("cycle-days/<uuid:uuid>/laboratory/", releases.cycle_laboratory, name="cycle-laboratory"),
    path("cycle-days/<uuid:uuid>/scan/", codes.cycle_scan, name="cycle-scan"),
    path("cycle-days/<uuid:uuid>/second-check/", second_checks.cycle_second_check, name="cycle-second-check"),
    path("second-checks/", second_checks.second_checks, name="second-checks"),
    path("second-checks/<uuid:uuid>/", second_checks.second_check, name="second-check"),
    path("second-checks/<uuid:uuid>/state/", second_checks.second_check_state, name="second-check-state"),
    path("second-checks/<uuid:uuid>/withdraw/", second_checks.second_check_withdraw, name="second-check-withdraw"),
    path("administrations/<uuid:uuid>/amend/", amendments.administration_amend, name="administration-amend"),
]
