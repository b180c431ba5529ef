import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.db.models.constraints
import django.db.models.deletion
import django.db.models.functions.text
import django.utils.timezone
import scheduling.core.facts
import scheduling.core.governance
import scheduling.core.lifecycle
import scheduling.core.policy
import scheduling.models.search
import scheduling.words
import uuid
from decimal import Decimal
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    replaces = [
        ("scheduling", "0002_initial"),
        ("scheduling", "0003_calendar_feeds"),
        ("scheduling", "0005_regimen_drafts_and_imports"),
        ("scheduling", "0006_closures_and_holidays"),
        ("scheduling", "0007_alongside"),
        ("scheduling", "0008_decisions_on_record"),
    ]

    initial = True

    dependencies = [
        ("accounts", "0001_initial"),
        ("accounts", "__first__"),
        ("pghistory", "0007_auto_20250421_0444"),
        ("scheduling", "0001_search"),
    ]

    operations = [
        migrations.CreateModel(
            name="ClosedDay",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("uuid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                (
                    "site",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="closed_days", to="accounts.site"
                    ),
                ),
                ("on", models.DateField()),
                ("name", models.CharField(max_length=80)),
            ],
            options={
                "ordering": ("on",),
                "constraints": [
                    models.UniqueConstraint(fields=("site", "on"), name="scheduling_one_closed_day_per_date")
                ],
            },
        ),
        migrations.CreateModel(
            name="ClosedDayEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                (
                    "pgh_obj",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="events",
                        to="scheduling.closedday",
                    ),
                ),
                (
                    "pgh_context",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="pghistory.context",
                    ),
                ),
                ("id", models.BigIntegerField()),
                ("uuid", models.UUIDField(default=uuid.uuid4, editable=False)),
                (
                    "site",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="accounts.site",
                    ),
                ),
                ("on", models.DateField()),
                ("name", models.CharField(max_length=80)),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="Closure",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("uuid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("recorded_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                (
                    "recorded_by",
                    models.ForeignKey(
                        editable=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "site",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="closures", to="accounts.site"
                    ),
                ),
                ("first_on", models.DateField()),
                ("last_on", models.DateField()),
                ("name", models.CharField(max_length=80)),
                (
                    "state",
                    models.CharField(
                        choices=[("prepared", "Prepared"), ("sent", "Sent"), ("withdrawn", "Withdrawn")],
                        default=scheduling.words.ClosureState["PREPARED"],
                        max_length=10,
                    ),
                ),
            ],
            options={
                "ordering": ["-first_on", "-id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["prepared", "sent", "withdrawn"])),
                        name="scheduling_closure_state_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("last_on__gte", models.F("first_on"))),
                        name="scheduling_closure_ends_after_it_begins",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ClosureEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                (
                    "pgh_obj",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="events",
                        to="scheduling.closure",
                    ),
                ),
                (
                    "pgh_context",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="pghistory.context",
                    ),
                ),
                ("id", models.BigIntegerField()),
                ("uuid", models.UUIDField(default=uuid.uuid4, editable=False)),
                ("recorded_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                (
                    "recorded_by",
                    models.ForeignKey(
                        db_constraint=False,
                        editable=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "site",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="accounts.site",
                    ),
                ),
                ("first_on", models.DateField()),
                ("last_on", models.DateField()),
                ("name", models.CharField(max_length=80)),
                (
                    "state",
                    models.CharField(
                        choices=[("prepared", "Prepared"), ("sent", "Sent"), ("withdrawn", "Withdrawn")],
                        default=scheduling.words.ClosureState["PREPARED"],
                        max_length=10,
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="OpenedHoliday",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("uuid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                (
                    "site",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="opened_holidays", to="accounts.site"
                    ),
                ),
                ("on", models.DateField()),
            ],
            options={
                "ordering": ("on",),
                "constraints": [
                    models.UniqueConstraint(fields=("site", "on"), name="scheduling_one_opened_holiday_per_date")
                ],
            },
        ),
        migrations.CreateModel(
            name="OpenedHolidayEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                (
                    "pgh_obj",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="events",
                        to="scheduling.openedholiday",
                    ),
                ),
                (
                    "pgh_context",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="pghistory.context",
                    ),
                ),
                ("id", models.BigIntegerField()),
                ("uuid", models.UUIDField(default=uuid.uuid4, editable=False)),
                (
                    "site",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="accounts.site",
                    ),
                ),
                ("on", models.DateField()),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="Patient",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("uuid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("recorded_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                (
                    "recorded_by",
                    models.ForeignKey(
                        editable=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "site",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="patients", to="accounts.site"
                    ),
                ),
                ("mrn", models.CharField(max_length=40, verbose_name="MRN")),
                ("family_name", models.CharField(max_length=80)),
                ("given_name", models.CharField(max_length=80)),
                ("born_on", models.DateField(verbose_name="date of birth")),
                (
                    "sex",
                    models.CharField(
                        choices=[("female", "Female"), ("male", "Male"), ("other", "Other"), ("unknown", "Unknown")],
                        default=scheduling.words.Sex["FEMALE"],
                        max_length=10,
                    ),
                ),
                ("phone", models.CharField(blank=True, max_length=40)),
                ("email", models.EmailField(blank=True, max_length=254, verbose_name="e-mail")),
                ("language", models.CharField(default="en", max_length=12)),
                ("allergies", models.TextField(blank=True)),
                (
                    "merged_into",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="merged",
                        to="scheduling.patient",
                    ),
                ),
            ],
            options={
                "ordering": ["family_name", "given_name"],
                "indexes": [
                    django.contrib.postgres.indexes.GinIndex(
                        django.contrib.postgres.indexes.OpClass(
                            django.db.models.functions.text.Lower(
                                scheduling.models.search.Unaccent(models.F("family_name"))
                            ),
                            name="gin_trgm_ops",
                        ),
                        name="scheduling_patient_family_trgm",
                    ),
                    django.contrib.postgres.indexes.GinIndex(
                        django.contrib.postgres.indexes.OpClass(
                            django.db.models.functions.text.Lower(
                                scheduling.models.search.Unaccent(models.F("given_name"))
                            ),
                            name="gin_trgm_ops",
                        ),
                        name="scheduling_patient_given_trgm",
                    ),
                    django.contrib.postgres.indexes.GinIndex(
                        django.contrib.postgres.indexes.OpClass(
                            django.db.models.functions.text.Lower("mrn"), name="gin_trgm_ops"
                        ),
                        name="scheduling_patient_mrn_trgm",
                    ),
                    django.contrib.postgres.indexes.GinIndex(
                        django.contrib.postgres.indexes.OpClass("phone", name="gin_trgm_ops"),
                        name="scheduling_patient_phone_trgm",
                    ),
                    models.Index(fields=["site", "family_name", "given_name"], name="scheduling_patient_by_name"),
                    models.Index(fields=["site", "born_on"], name="scheduling_patient_born"),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("site", "mrn"), name="scheduling_patient_mrn_unique_per_site"),
                    models.CheckConstraint(
                        condition=models.Q(("sex__in", ["female", "male", "other", "unknown"])),
                        name="scheduling_patient_sex_known",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="BodyMeasurement",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("uuid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("recorded_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                (
                    "recorded_by",
                    models.ForeignKey(
                        editable=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "patient",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="measurements",
                        to="scheduling.patient",
                    ),
                ),
                ("measured_on", models.DateField()),
                ("weight_kg", models.DecimalField(blank=True, decimal_places=1, max_digits=4, null=True)),
                ("height_cm", models.DecimalField(blank=True, decimal_places=1, max_digits=4, null=True)),
            ],
            options={
                "ordering": ["-measured_on", "-id"],
                "indexes": [models.Index(fields=["patient", "-measured_on"], name="scheduling__patient_2525f8_idx")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("weight_kg__isnull", False), ("height_cm__isnull", False), _connector="OR"),
                        name="scheduling_measurement_measures_something",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("weight_kg__isnull", True),
                            models.Q(("weight_kg__gte", 20), ("weight_kg__lte", 400)),
                            _connector="OR",
                        ),
                        name="scheduling_measurement_weight_plausible",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("height_cm__isnull", True),
                            models.Q(("height_cm__gte", 90), ("height_cm__lte", 250)),
                            _connector="OR",
                        ),
                        name="scheduling_measurement_height_plausible",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="BodyMeasurementEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                (
                    "pgh_obj",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="events",
                        to="scheduling.bodymeasurement",
                    ),
                ),
                (
                    "pgh_context",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="pghistory.context",
                    ),
                ),
                ("id", models.BigIntegerField()),
                ("uuid", models.UUIDField(default=uuid.uuid4, editable=False)),
                ("recorded_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                (
                    "recorded_by",
                    models.ForeignKey(
                        db_constraint=False,
                        editable=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "patient",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="scheduling.patient",
                    ),
                ),
                ("measured_on", models.DateField()),
                ("weight_kg", models.DecimalField(blank=True, decimal_places=1, max_digits=4, null=True)),
                ("height_cm", models.DecimalField(blank=True, decimal_places=1, max_digits=4, null=True)),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="CalendarFeed",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("uuid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("recorded_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                (
                    "recorded_by",
                    models.ForeignKey(
                        editable=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "patient",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="calendar_feeds",
                        to="scheduling.patient",
                    ),
                ),
                ("fingerprint", models.CharField(editable=False, max_length=64, unique=True)),
                ("language", models.CharField(max_length=12)),
                ("discreet", models.BooleanField(default=True)),
                ("revoked_at", models.DateTimeField(blank=True, null=True)),
                (
                    "revoked_by",
                    models.ForeignKey(
                        blank=True,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["-recorded_at", "-id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("revoked_at__isnull", False), ("revoked_by__isnull", False)),
                            models.Q(("revoked_at__isnull", True), ("revoked_by__isnull", True)),
                            _connector="OR",
                        ),
                        name="scheduling_feed_revoked",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("revoked_at", None)), fields=("patient",), name="scheduling_feed_one_open"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="CalendarFeedEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                (
                    "pgh_obj",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="events",
                        to="scheduling.calendarfeed",
                    ),
                ),
                (
                    "pgh_context",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="pghistory.context",
                    ),
                ),
                ("id", models.BigIntegerField()),
                ("uuid", models.UUIDField(default=uuid.uuid4, editable=False)),
                ("recorded_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                (
                    "recorded_by",
                    models.ForeignKey(
                        db_constraint=False,
                        editable=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "patient",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="scheduling.patient",
                    ),
                ),
                ("fingerprint", models.CharField(editable=False, max_length=64)),
                ("language", models.CharField(max_length=12)),
                ("discreet", models.BooleanField(default=True)),
                ("revoked_at", models.DateTimeField(blank=True, null=True)),
                (
                    "revoked_by",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="PatientEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                (
                    "pgh_obj",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="events",
                        to="scheduling.patient",
                    ),
                ),
                (
                    "pgh_context",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="pghistory.context",
                    ),
                ),
                ("id", models.BigIntegerField()),
                ("uuid", models.UUIDField(default=uuid.uuid4, editable=False)),
                ("recorded_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                (
                    "recorded_by",
                    models.ForeignKey(
                        db_constraint=False,
                        editable=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "site",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="accounts.site",
                    ),
                ),
                ("mrn", models.CharField(max_length=40, verbose_name="MRN")),
                ("family_name", models.CharField(max_length=80)),
                ("given_name", models.CharField(max_length=80)),
                ("born_on", models.DateField(verbose_name="date of birth")),
                (
                    "sex",
                    models.CharField(
                        choices=[("female", "Female"), ("male", "Male"), ("other", "Other"), ("unknown", "Unknown")],
                        default=scheduling.words.Sex["FEMALE"],
                        max_length=10,
                    ),
                ),
                ("phone", models.CharField(blank=True, max_length=40)),
                ("email", models.EmailField(blank=True, max_length=254, verbose_name="e-mail")),
                ("language", models.CharField(default="en", max_length=12)),
                ("allergies", models.TextField(blank=True)),
                (
                    "merged_into",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="scheduling.patient",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="PreviousMrn",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("uuid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("recorded_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                (
                    "recorded_by",
                    models.ForeignKey(
                        editable=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "site",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.site"
                    ),
                ),
                (
                    "patient",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="previous_mrns",
                        to="scheduling.patient",
                    ),
                ),
                ("mrn", models.CharField(max_length=40)),
            ],
            options={
                "indexes": [
                    django.contrib.postgres.indexes.GinIndex(
                        django.contrib.postgres.indexes.OpClass(
                            django.db.models.functions.text.Lower("mrn"), name="gin_trgm_ops"
                        ),
                        name="scheduling_previous_mrn_trgm",
                    )
                ],
                "constraints": [models.UniqueConstraint(fields=("site", "mrn"), name="scheduling_previous_mrn_unique")],
            },
        ),
        migrations.CreateModel(
            name="PreviousMrnEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                (
                    "pgh_obj",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="events",
                        to="scheduling.previousmrn",
                    ),
                ),
                (
                    "pgh_context",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="pghistory.context",
                    ),
                ),
                ("id", models.BigIntegerField()),
                ("uuid", models.UUIDField(default=uuid.uuid4, editable=False)),
                ("recorded_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                (
                    "recorded_by",
                    models.ForeignKey(
                        db_constraint=False,
                        editable=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "site",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="accounts.site",
                    ),
                ),
                (
                    "patient",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="scheduling.patient",
                    ),
                ),
                ("mrn", models.CharField(max_length=40)),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="RegimenVersion",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("uuid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("key", models.CharField(max_length=60)),
                ("version", models.PositiveSmallIntegerField()),
                ("name", models.CharField(max_length=160)),
                ("digest", models.CharField(max_length=64)),
                ("definition", models.JSONField()),
                ("published_at", models.DateTimeField(auto_now_add=True)),
                (
                    "site",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.site",
                    ),
                ),
                ("text", models.TextField(blank=True, db_default="", default="")),
            ],
            options={
                "ordering": ["name", "-version"],
                "abstract": False,
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("site", None)),
                        fields=("key", "version"),
                        name="scheduling_regimen_version_unique",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("site__isnull", False)),
                        fields=("site", "key", "version"),
                        name="scheduling_own_regimen_version_unique",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("site", None), ("key__startswith", "own-"), _connector="XOR"),
                        name="scheduling_own_regimen_is_named_so",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="RegimenDraft",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("uuid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("recorded_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                (
                    "recorded_by",
                    models.ForeignKey(
                        editable=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "site",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="regimen_drafts", to="accounts.site"
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("draft", "Draft"),
                            ("under-review", "Under review"),
                            ("approved", "Approved"),
                            ("withdrawn", "Withdrawn"),
                        ],
                        default=scheduling.core.governance.DraftState["DRAFT"],
                        max_length=12,
                    ),
                ),
                ("key", models.CharField(max_length=60)),
                ("version", models.PositiveSmallIntegerField()),
                ("name", models.CharField(max_length=160)),
                ("text", models.TextField()),
                (
                    "based_on",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="scheduling.regimenversion",
                    ),
                ),
                ("change_note", models.TextField(blank=True)),
                ("sent_back_because", models.TextField(blank=True)),
                ("review", models.PositiveSmallIntegerField(default=0)),
                ("revision", models.PositiveIntegerField(default=1)),
                (
                    "published",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="draft",
                        to="scheduling.regimenversion",
                    ),
                ),
            ],
            options={
                "ordering": ["-recorded_at", "-id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["draft", "under-review", "approved", "withdrawn"])),
                        name="scheduling_draft_state_known",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("state__in", ["draft", "under-review"])),
                        fields=("site", "key", "version"),
                        name="scheduling_draft_one_open_per_version",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("published__isnull", False), ("state", "approved")),
                            models.Q(models.Q(("state", "approved"), _negated=True), ("published__isnull", True)),
                            _connector="OR",
                        ),
                        name="scheduling_draft_approved_is_published",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "under-review"), _negated=True),
                            models.Q(("change_note", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="scheduling_draft_review_has_note",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="RegimenDraftEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                (
                    "pgh_obj",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="events",
                        to="scheduling.regimendraft",
                    ),
                ),
                (
                    "pgh_context",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="pghistory.context",
                    ),
                ),
                ("id", models.BigIntegerField()),
                ("uuid", models.UUIDField(default=uuid.uuid4, editable=False)),
                ("recorded_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                (
                    "recorded_by",
                    models.ForeignKey(
                        db_constraint=False,
                        editable=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "site",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="accounts.site",
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("draft", "Draft"),
                            ("under-review", "Under review"),
                            ("approved", "Approved"),
                            ("withdrawn", "Withdrawn"),
                        ],
                        default=scheduling.core.governance.DraftState["DRAFT"],
                        max_length=12,
                    ),
                ),
                ("key", models.CharField(max_length=60)),
                ("version", models.PositiveSmallIntegerField()),
                ("name", models.CharField(max_length=160)),
                ("text", models.TextField()),
                (
                    "based_on",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="scheduling.regimenversion",
                    ),
                ),
                ("change_note", models.TextField(blank=True)),
                ("sent_back_because", models.TextField(blank=True)),
                ("review", models.PositiveSmallIntegerField(default=0)),
                ("revision", models.PositiveIntegerField(default=1)),
                (
                    "published",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="scheduling.regimenversion",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="RegimenRetirement",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("uuid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("recorded_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                (
                    "recorded_by",
                    models.ForeignKey(
                        editable=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "site",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.site"
                    ),
                ),
                (
                    "regimen",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="retirements",
                        to="scheduling.regimenversion",
                    ),
                ),
                ("reason", models.TextField()),
                (
                    "replaced_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="scheduling.regimenversion",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("site", "regimen"), name="scheduling_retired_once_per_site"),
                    models.CheckConstraint(
                        condition=models.Q(("reason", ""), _negated=True), name="scheduling_retirement_has_reason"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("replaced_by", models.F("regimen")), _negated=True),
                        name="scheduling_retired_for_another",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="RegimenRetirementEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                (
                    "pgh_obj",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="events",
                        to="scheduling.regimenretirement",
                    ),
                ),
                (
                    "pgh_context",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="pghistory.context",
                    ),
                ),
                ("id", models.BigIntegerField()),
                ("uuid", models.UUIDField(default=uuid.uuid4, editable=False)),
                ("recorded_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                (
                    "recorded_by",
                    models.ForeignKey(
                        db_constraint=False,
                        editable=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "site",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="accounts.site",
                    ),
                ),
                (
                    "regimen",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="scheduling.regimenversion",
                    ),
                ),
                ("reason", models.TextField()),
                (
                    "replaced_by",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="scheduling.regimenversion",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="RegimenSignature",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("uuid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("recorded_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                (
                    "recorded_by",
                    models.ForeignKey(
                        editable=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "draft",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="signatures",
                        to="scheduling.regimendraft",
                    ),
                ),
                ("review", models.PositiveSmallIntegerField()),
                ("rehearsal", models.CharField(max_length=64)),
                ("statement", models.TextField()),
            ],
            options={
                "ordering": ["recorded_at", "id"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("draft", "review", "recorded_by"), name="scheduling_signature_once_per_person"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("statement", ""), _negated=True), name="scheduling_signature_has_statement"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="RegimenSignatureEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                (
                    "pgh_obj",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="events",
                        to="scheduling.regimensignature",
                    ),
                ),
                (
                    "pgh_context",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="pghistory.context",
                    ),
                ),
                ("id", models.BigIntegerField()),
                ("uuid", models.UUIDField(default=uuid.uuid4, editable=False)),
                ("recorded_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                (
                    "recorded_by",
                    models.ForeignKey(
                        db_constraint=False,
                        editable=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "draft",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="scheduling.regimendraft",
                    ),
                ),
                ("review", models.PositiveSmallIntegerField()),
                ("rehearsal", models.CharField(max_length=64)),
                ("statement", models.TextField()),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="RegimenSignOff",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("uuid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("recorded_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                (
                    "recorded_by",
                    models.ForeignKey(
                        editable=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "site",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.site"
                    ),
                ),
                (
                    "regimen",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="sign_offs",
                        to="scheduling.regimenversion",
                    ),
                ),
                ("statement", models.TextField()),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("site", "regimen"), name="scheduling_sign_off_once_per_site")
                ],
            },
        ),
        migrations.CreateModel(
            name="RegimenSignOffEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                (
                    "pgh_obj",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="events",
                        to="scheduling.regimensignoff",
                    ),
                ),
                (
                    "pgh_context",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="pghistory.context",
                    ),
                ),
                ("id", models.BigIntegerField()),
                ("uuid", models.UUIDField(default=uuid.uuid4, editable=False)),
                ("recorded_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                (
                    "recorded_by",
                    models.ForeignKey(
                        db_constraint=False,
                        editable=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "site",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="accounts.site",
                    ),
                ),
                (
                    "regimen",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="scheduling.regimenversion",
                    ),
                ),
                ("statement", models.TextField()),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="SitePolicy",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "site",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="scheduling_policy",
                        to="accounts.site",
                    ),
                ),
                ("rounding_step_mg", models.DecimalField(blank=True, decimal_places=1, max_digits=5, null=True)),
                (
                    "difference_asks_reason_percent",
                    models.DecimalField(decimal_places=1, default=Decimal("5"), max_digits=3),
                ),
                ("weight_valid_days", models.PositiveSmallIntegerField(default=28)),
                (
                    "reload_with_pertuzumab",
                    models.CharField(
                        choices=[("label", "label"), ("eu-hp", "eu-hp")],
                        default=scheduling.core.policy.ReloadPolicy["LABEL"],
                        max_length=8,
                    ),
                ),
                (
                    "anchor",
                    models.CharField(
                        choices=[("actual", "actual"), ("grid", "grid")],
                        default=scheduling.core.policy.Anchor["ACTUAL"],
                        max_length=8,
                    ),
                ),
                (
                    "cap",
                    models.CharField(
                        choices=[("regimen", "regimen"), ("doses", "doses"), ("weeks", "weeks")],
                        default=scheduling.core.policy.CapPolicy["REGIMEN"],
                        max_length=8,
                    ),
                ),
                ("minimum_gap_days", models.PositiveSmallIntegerField(blank=True, null=True)),
                (
                    "closed_weekdays",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.PositiveSmallIntegerField(), blank=True, default=list, size=None
                    ),
                ),
                ("holiday_country", models.CharField(blank=True, db_default="", default="", max_length=2)),
                ("holiday_subdivision", models.CharField(blank=True, db_default="", default="", max_length=40)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("rounding_step_mg__isnull", True), ("rounding_step_mg__gt", 0), _connector="OR"
                        ),
                        name="scheduling_policy_rounding_step_positive",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("reload_with_pertuzumab__in", ["label", "eu-hp"])),
                        name="scheduling_policy_reload_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("anchor__in", ["actual", "grid"])), name="scheduling_policy_anchor_known"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("cap__in", ["regimen", "doses", "weeks"])),
                        name="scheduling_policy_cap_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("minimum_gap_days", None), ("minimum_gap_days__gte", 1), _connector="OR"),
                        name="scheduling_policy_gap_positive",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("closed_weekdays__contained_by", [0, 1, 2, 3, 4, 5, 6])),
                        name="scheduling_policy_closed_weekdays_are_weekdays",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("holiday_subdivision", ""),
                            models.Q(("holiday_country", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="scheduling_policy_subdivision_of_a_country",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="SitePolicyEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                (
                    "pgh_obj",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="events",
                        to="scheduling.sitepolicy",
                    ),
                ),
                (
                    "pgh_context",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="pghistory.context",
                    ),
                ),
                ("id", models.BigIntegerField()),
                (
                    "site",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="accounts.site",
                    ),
                ),
                ("rounding_step_mg", models.DecimalField(blank=True, decimal_places=1, max_digits=5, null=True)),
                (
                    "difference_asks_reason_percent",
                    models.DecimalField(decimal_places=1, default=Decimal("5"), max_digits=3),
                ),
                ("weight_valid_days", models.PositiveSmallIntegerField(default=28)),
                (
                    "reload_with_pertuzumab",
                    models.CharField(
                        choices=[("label", "label"), ("eu-hp", "eu-hp")],
                        default=scheduling.core.policy.ReloadPolicy["LABEL"],
                        max_length=8,
                    ),
                ),
                (
                    "anchor",
                    models.CharField(
                        choices=[("actual", "actual"), ("grid", "grid")],
                        default=scheduling.core.policy.Anchor["ACTUAL"],
                        max_length=8,
                    ),
                ),
                (
                    "cap",
                    models.CharField(
                        choices=[("regimen", "regimen"), ("doses", "doses"), ("weeks", "weeks")],
                        default=scheduling.core.policy.CapPolicy["REGIMEN"],
                        max_length=8,
                    ),
                ),
                ("minimum_gap_days", models.PositiveSmallIntegerField(blank=True, null=True)),
                (
                    "closed_weekdays",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.PositiveSmallIntegerField(), blank=True, default=list, size=None
                    ),
                ),
                ("holiday_country", models.CharField(blank=True, db_default="", default="", max_length=2)),
                ("holiday_subdivision", models.CharField(blank=True, db_default="", default="", max_length=40)),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="TreatmentPlan",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("uuid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("recorded_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                (
                    "recorded_by",
                    models.ForeignKey(
                        editable=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "patient",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="plans", to="scheduling.patient"
                    ),
                ),
                (
                    "regimen",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="plans",
                        to="scheduling.regimenversion",
                    ),
                ),
                (
                    "setting",
                    models.CharField(
                        choices=[
                            ("neoadjuvant", "Neoadjuvant"),
                            ("adjuvant", "Adjuvant"),
                            ("metastatic", "Metastatic"),
                        ],
                        max_length=12,
                    ),
                ),
                ("start_on", models.DateField()),
                (
                    "state",
                    models.CharField(
                        choices=[("active", "active"), ("completed", "completed"), ("ceased", "ceased")],
                        default=scheduling.core.lifecycle.PlanState["ACTIVE"],
                        max_length=10,
                    ),
                ),
                ("dosing_weight_kg", models.DecimalField(blank=True, decimal_places=1, max_digits=4, null=True)),
                ("dosing_weight_on", models.DateField(blank=True, null=True)),
                ("ended_on", models.DateField(blank=True, null=True)),
                (
                    "end_reason",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("completed-early", "Completed early"),
                            ("cardiac", "Cardiac"),
                            ("toxicity", "Toxicity"),
                            ("recurrence", "Recurrence"),
                            ("patient-choice", "Patient choice"),
                            ("transferred", "Transferred"),
                            ("died", "Died"),
                            ("entered-in-error", "Entered in error"),
                            ("switched", "Switched to another regimen"),
                            ("other", "Other"),
                        ],
                        max_length=20,
                    ),
                ),
                (
                    "continues",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="continued_by",
                        to="scheduling.treatmentplan",
                    ),
                ),
                ("starts_new_line", models.BooleanField(default=False)),
                (
                    "switch_reason",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("residual-disease", "Invasive disease left at surgery"),
                            ("toxicity", "Toxicity"),
                            ("form", "Another form of the same treatment"),
                            ("progression", "Progression"),
                            ("patient-choice", "Patient choice"),
                            ("supply", "Product not available"),
                            ("other", "Other"),
                        ],
                        max_length=20,
                    ),
                ),
                ("revision", models.PositiveIntegerField(default=1)),
                (
                    "responsible",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "reload_with_pertuzumab",
                    models.CharField(
                        choices=[("label", "label"), ("eu-hp", "eu-hp")],
                        default=scheduling.core.policy.ReloadPolicy["LABEL"],
                        max_length=8,
                    ),
                ),
                (
                    "anchor",
                    models.CharField(
                        choices=[("actual", "actual"), ("grid", "grid")],
                        default=scheduling.core.policy.Anchor["ACTUAL"],
                        max_length=8,
                    ),
                ),
                (
                    "cap",
                    models.CharField(
                        choices=[("regimen", "regimen"), ("doses", "doses"), ("weeks", "weeks")],
                        default=scheduling.core.policy.CapPolicy["REGIMEN"],
                        max_length=8,
                    ),
                ),
                ("minimum_gap_days", models.PositiveSmallIntegerField(blank=True, null=True)),
            ],
            options={
                "ordering": ["-start_on", "-id"],
                "indexes": [models.Index(fields=["patient", "state"], name="scheduling__patient_ea6235_idx")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("setting__in", ["neoadjuvant", "adjuvant", "metastatic"])),
                        name="scheduling_plan_setting_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["active", "completed", "ceased"])),
                        name="scheduling_plan_state_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "end_reason__in",
                                [
                                    "completed-early",
                                    "cardiac",
                                    "toxicity",
                                    "recurrence",
                                    "patient-choice",
                                    "transferred",
                                    "died",
                                    "entered-in-error",
                                    "switched",
                                    "other",
                                    "",
                                ],
                            )
                        ),
                        name="scheduling_plan_end_reason_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("reload_with_pertuzumab__in", ["label", "eu-hp"])),
                        name="scheduling_plan_reload_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("anchor__in", ["actual", "grid"])), name="scheduling_plan_anchor_known"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("cap__in", ["regimen", "doses", "weeks"])), name="scheduling_plan_cap_known"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("minimum_gap_days", None), ("minimum_gap_days__gte", 1), _connector="OR"),
                        name="scheduling_plan_gap_positive",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "switch_reason__in",
                                [
                                    "residual-disease",
                                    "toxicity",
                                    "form",
                                    "progression",
                                    "patient-choice",
                                    "supply",
                                    "other",
                                    "",
                                ],
                            )
                        ),
                        name="scheduling_plan_switch_reason_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("continues", None), models.Q(("switch_reason", ""), _negated=True), _connector="XOR"
                        ),
                        name="scheduling_plan_switched_why",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("dosing_weight_kg__isnull", False), ("dosing_weight_on__isnull", False)),
                            models.Q(("dosing_weight_kg__isnull", True), ("dosing_weight_on__isnull", True)),
                            _connector="OR",
                        ),
                        name="scheduling_plan_weight_dated",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("ended_on", None), ("state", scheduling.core.lifecycle.PlanState["ACTIVE"])),
                            models.Q(
                                models.Q(("state", scheduling.core.lifecycle.PlanState["ACTIVE"]), _negated=True),
                                ("ended_on__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="scheduling_plan_ended_when_not_active",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="AlongsideTreatment",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("uuid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("recorded_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                (
                    "recorded_by",
                    models.ForeignKey(
                        editable=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "plan",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="alongside",
                        to="scheduling.treatmentplan",
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("endocrine-therapy", "Endocrine therapy"),
                            ("radiotherapy", "Radiotherapy"),
                            ("chemotherapy", "Chemotherapy"),
                        ],
                        max_length=20,
                    ),
                ),
                ("from_on", models.DateField()),
                ("until_on", models.DateField(blank=True, null=True)),
                ("note", models.CharField(blank=True, max_length=200)),
                ("revision", models.PositiveIntegerField(default=1)),
            ],
            options={
                "ordering": ["from_on", "id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["endocrine-therapy", "radiotherapy", "chemotherapy"])),
                        name="scheduling_alongside_kind_known",
                    ),
                    models.UniqueConstraint(fields=("plan", "kind"), name="scheduling_alongside_kind_once"),
                    models.CheckConstraint(
                        condition=models.Q(("until_on", None), ("until_on__gte", models.F("from_on")), _connector="OR"),
                        name="scheduling_alongside_in_order",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="AlongsideTreatmentEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                (
                    "pgh_obj",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="events",
                        to="scheduling.alongsidetreatment",
                    ),
                ),
                (
                    "pgh_context",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="pghistory.context",
                    ),
                ),
                ("id", models.BigIntegerField()),
                ("uuid", models.UUIDField(default=uuid.uuid4, editable=False)),
                ("recorded_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                (
                    "recorded_by",
                    models.ForeignKey(
                        db_constraint=False,
                        editable=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "plan",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="scheduling.treatmentplan",
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("endocrine-therapy", "Endocrine therapy"),
                            ("radiotherapy", "Radiotherapy"),
                            ("chemotherapy", "Chemotherapy"),
                        ],
                        max_length=20,
                    ),
                ),
                ("from_on", models.DateField()),
                ("until_on", models.DateField(blank=True, null=True)),
                ("note", models.CharField(blank=True, max_length=200)),
                ("revision", models.PositiveIntegerField(default=1)),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="BroughtForward",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("uuid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("recorded_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                (
                    "recorded_by",
                    models.ForeignKey(
                        editable=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "plan",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="brought_forward",
                        to="scheduling.treatmentplan",
                    ),
                ),
                ("cycle", models.PositiveSmallIntegerField()),
                ("day", models.PositiveSmallIntegerField(default=1)),
                ("from_on", models.DateField()),
                ("to_on", models.DateField()),
                (
                    "reason",
                    models.CharField(
                        choices=[
                            ("closed-day", "Clinic closed on that day"),
                            ("capacity", "No chair free"),
                            ("patient-choice", "Patient choice"),
                            ("other", "Other"),
                        ],
                        max_length=24,
                    ),
                ),
                ("note", models.TextField(blank=True)),
                ("plan_revision", models.PositiveIntegerField()),
            ],
            options={
                "ordering": ["recorded_at", "id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("reason__in", ["closed-day", "capacity", "patient-choice", "other"])),
                        name="scheduling_forward_reason_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("to_on__lt", models.F("from_on"))), name="scheduling_forward_is_earlier"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="BroughtForwardEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                (
                    "pgh_obj",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="events",
                        to="scheduling.broughtforward",
                    ),
                ),
                (
                    "pgh_context",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="pghistory.context",
                    ),
                ),
                ("id", models.BigIntegerField()),
                ("uuid", models.UUIDField(default=uuid.uuid4, editable=False)),
                ("recorded_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                (
                    "recorded_by",
                    models.ForeignKey(
                        db_constraint=False,
                        editable=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "plan",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="scheduling.treatmentplan",
                    ),
                ),
                ("cycle", models.PositiveSmallIntegerField()),
                ("day", models.PositiveSmallIntegerField(default=1)),
                ("from_on", models.DateField()),
                ("to_on", models.DateField()),
                (
                    "reason",
                    models.CharField(
                        choices=[
                            ("closed-day", "Clinic closed on that day"),
                            ("capacity", "No chair free"),
                            ("patient-choice", "Patient choice"),
                            ("other", "Other"),
                        ],
                        max_length=24,
                    ),
                ),
                ("note", models.TextField(blank=True)),
                ("plan_revision", models.PositiveIntegerField()),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="ClosureMove",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("uuid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                (
                    "closure",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="moves", to="scheduling.closure"
                    ),
                ),
                (
                    "plan",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="closure_moves",
                        to="scheduling.treatmentplan",
                    ),
                ),
                ("cycle", models.PositiveSmallIntegerField()),
                ("day", models.PositiveSmallIntegerField(default=1)),
                ("from_on", models.DateField()),
                ("to_on", models.DateField(blank=True, null=True)),
                ("agreed", models.TextField(blank=True)),
                ("plan_revision", models.PositiveIntegerField()),
                (
                    "doctor",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("proposed", "Waits for the doctor"),
                            ("confirmed", "Confirmed, not yet moved"),
                            ("declined", "Declined"),
                            ("left", "Left, decide later"),
                            ("done", "Moved"),
                            ("refused", "Not moved"),
                        ],
                        default=scheduling.words.MoveState["PROPOSED"],
                        max_length=10,
                    ),
                ),
                ("outcome", models.TextField(blank=True)),
                (
                    "decided_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("decided_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "ordering": ["from_on", "id"],
                "indexes": [
                    models.Index(
                        condition=models.Q(("state", scheduling.words.MoveState["CONFIRMED"])),
                        fields=["closure"],
                        name="scheduling_move_confirmed",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("closure", "plan", "cycle", "day"), name="scheduling_move_once"),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("state__in", ["proposed", "confirmed", "declined", "left", "done", "refused"])
                        ),
                        name="scheduling_move_state_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("decided_at__isnull", False), ("decided_by__isnull", False)),
                            models.Q(("decided_at__isnull", True), ("decided_by__isnull", True)),
                            _connector="OR",
                        ),
                        name="scheduling_move_decided",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("to_on__isnull", False),
                            ("state__in", [scheduling.words.MoveState["PROPOSED"], scheduling.words.MoveState["LEFT"]]),
                            _connector="OR",
                        ),
                        name="scheduling_move_confirmed_has_a_day",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                (
                                    "state__in",
                                    [scheduling.words.MoveState["CONFIRMED"], scheduling.words.MoveState["DONE"]],
                                ),
                                _negated=True,
                            ),
                            ("decided_by__isnull", False),
                            _connector="OR",
                        ),
                        name="scheduling_move_confirmed_by_somebody",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ClosureMoveEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                (
                    "pgh_obj",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="events",
                        to="scheduling.closuremove",
                    ),
                ),
                (
                    "pgh_context",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="pghistory.context",
                    ),
                ),
                ("id", models.BigIntegerField()),
                ("uuid", models.UUIDField(default=uuid.uuid4, editable=False)),
                (
                    "closure",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="scheduling.closure",
                    ),
                ),
                (
                    "plan",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="scheduling.treatmentplan",
                    ),
                ),
                ("cycle", models.PositiveSmallIntegerField()),
                ("day", models.PositiveSmallIntegerField(default=1)),
                ("from_on", models.DateField()),
                ("to_on", models.DateField(blank=True, null=True)),
                ("agreed", models.TextField(blank=True)),
                ("plan_revision", models.PositiveIntegerField()),
                (
                    "doctor",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("proposed", "Waits for the doctor"),
                            ("confirmed", "Confirmed, not yet moved"),
                            ("declined", "Declined"),
                            ("left", "Left, decide later"),
                            ("done", "Moved"),
                            ("refused", "Not moved"),
                        ],
                        default=scheduling.words.MoveState["PROPOSED"],
                        max_length=10,
                    ),
                ),
                ("outcome", models.TextField(blank=True)),
                (
                    "decided_by",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("decided_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="CycleDay",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("uuid", models.UUIDField(editable=False, unique=True)),
                (
                    "plan",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="cycle_days",
                        to="scheduling.treatmentplan",
                    ),
                ),
                ("cycle", models.PositiveSmallIntegerField()),
                ("day", models.PositiveSmallIntegerField(default=1)),
                ("of_cycles", models.PositiveSmallIntegerField(null=True)),
                ("phase", models.CharField(max_length=80)),
                ("planned_on", models.DateField()),
                ("first_planned_on", models.DateField()),
                ("starts_at", models.TimeField(blank=True, null=True)),
                ("infusion_minutes", models.PositiveSmallIntegerField()),
                ("chair_minutes", models.PositiveSmallIntegerField()),
                (
                    "state",
                    models.CharField(
                        choices=[("planned", "Planned"), ("given", "Given"), ("omitted", "Omitted")],
                        default=scheduling.words.DayState["PLANNED"],
                        max_length=10,
                    ),
                ),
                ("done_on", models.DateField(blank=True, null=True)),
                (
                    "omission_reason",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("cardiac", "Cardiac"),
                            ("toxicity", "Toxicity"),
                            ("intercurrent-illness", "Intercurrent illness"),
                            ("patient-choice", "Patient choice"),
                            ("clinician-decision", "Clinician decision"),
                            ("supply", "Product not available"),
                            ("other", "Other"),
                        ],
                        max_length=24,
                    ),
                ),
                ("omission_made_up", models.BooleanField(default=False)),
                ("plan_revision", models.PositiveIntegerField(blank=True, null=True)),
                ("note", models.TextField(blank=True)),
                (
                    "decided_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("decided_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "ordering": ["cycle", "day"],
                "indexes": [
                    models.Index(
                        condition=models.Q(("state", scheduling.words.DayState["PLANNED"])),
                        fields=["planned_on"],
                        name="scheduling_day_planned_on",
                    ),
                    models.Index(fields=["done_on"], name="scheduling_day_done_on"),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("plan", "cycle", "day"), name="scheduling_cycle_day_once"),
                    models.UniqueConstraint(
                        deferrable=django.db.models.constraints.Deferrable["DEFERRED"],
                        fields=("plan", "planned_on"),
                        name="scheduling_cycle_day_one_a_day",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["planned", "given", "omitted"])),
                        name="scheduling_cycle_day_state_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "omission_reason__in",
                                [
                                    "cardiac",
                                    "toxicity",
                                    "intercurrent-illness",
                                    "patient-choice",
                                    "clinician-decision",
                                    "supply",
                                    "other",
                                    "",
                                ],
                            )
                        ),
                        name="scheduling_cycle_day_omission_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("decided_at__isnull", False), ("decided_by__isnull", False), ("done_on__isnull", False)
                            ),
                            models.Q(
                                ("decided_at__isnull", True), ("decided_by__isnull", True), ("done_on__isnull", True)
                            ),
                            _connector="OR",
                        ),
                        name="scheduling_cycle_day_decided",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("done_on", None), ("state", scheduling.words.DayState["PLANNED"])),
                            models.Q(
                                models.Q(("state", scheduling.words.DayState["PLANNED"]), _negated=True),
                                ("done_on__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="scheduling_cycle_day_done_when_decided",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("state", scheduling.words.DayState["OMITTED"]), ("omission_reason", ""), _connector="XOR"
                        ),
                        name="scheduling_cycle_day_omitted_why",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Administration",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("uuid", models.UUIDField(editable=False, unique=True)),
                (
                    "cycle_day",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="administrations",
                        to="scheduling.cycleday",
                    ),
                ),
                ("agent", models.CharField(max_length=60)),
                ("route", models.CharField(max_length=8)),
                ("kind", models.CharField(max_length=12)),
                ("because", models.TextField(blank=True)),
                ("dose_text", models.CharField(max_length=160)),
                ("arithmetic", models.TextField(blank=True)),
                ("source", models.CharField(max_length=120)),
                ("confidence", models.CharField(max_length=12)),
                ("minutes", models.PositiveSmallIntegerField()),
                ("observe_minutes", models.PositiveSmallIntegerField(blank=True, null=True)),
                ("calculated_mg", models.DecimalField(blank=True, decimal_places=2, max_digits=7, null=True)),
                ("planned_mg", models.DecimalField(blank=True, decimal_places=2, max_digits=7, null=True)),
                ("planned_ml", models.DecimalField(blank=True, decimal_places=2, max_digits=6, null=True)),
                ("given_mg", models.DecimalField(blank=True, decimal_places=2, max_digits=7, null=True)),
                ("given_ml", models.DecimalField(blank=True, decimal_places=2, max_digits=6, null=True)),
                ("given_on", models.DateField(blank=True, null=True)),
                ("started_at", models.TimeField(blank=True, null=True)),
                ("stopped_at", models.TimeField(blank=True, null=True)),
                ("product", models.CharField(blank=True, max_length=80)),
                ("lot", models.CharField(blank=True, max_length=40)),
                ("expires_on", models.DateField(blank=True, null=True)),
                (
                    "difference_reason",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("stopped-early", "Stopped early"),
                            ("reaction", "Reaction"),
                            ("dose-recalculated", "Dose recalculated"),
                            ("vial-rounding", "Vial rounding"),
                            ("other", "Other"),
                        ],
                        max_length=24,
                    ),
                ),
                (
                    "omission_reason",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("cardiac", "Cardiac"),
                            ("toxicity", "Toxicity"),
                            ("intercurrent-illness", "Intercurrent illness"),
                            ("patient-choice", "Patient choice"),
                            ("clinician-decision", "Clinician decision"),
                            ("supply", "Product not available"),
                            ("other", "Other"),
                        ],
                        max_length=24,
                    ),
                ),
                ("note", models.TextField(blank=True)),
            ],
            options={
                "ordering": ["id"],
                "indexes": [models.Index(fields=["given_on"], name="scheduling_admin_given_on")],
                "constraints": [
                    models.UniqueConstraint(fields=("cycle_day", "agent"), name="scheduling_administration_agent_once"),
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["loading", "maintenance", "reload"])),
                        name="scheduling_administration_kind_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "difference_reason__in",
                                ["stopped-early", "reaction", "dose-recalculated", "vial-rounding", "other", ""],
                            )
                        ),
                        name="scheduling_administration_difference_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "omission_reason__in",
                                [
                                    "cardiac",
                                    "toxicity",
                                    "intercurrent-illness",
                                    "patient-choice",
                                    "clinician-decision",
                                    "supply",
                                    "other",
                                    "",
                                ],
                            )
                        ),
                        name="scheduling_administration_omission_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("given_on__isnull", True), ("omission_reason", ""), _connector="OR"),
                        name="scheduling_administration_given_or_omitted",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("given_mg__isnull", True), ("given_ml__isnull", True), ("given_on__isnull", True)
                            ),
                            models.Q(
                                ("given_on__isnull", False),
                                models.Q(
                                    models.Q(("given_mg__gt", 0), ("given_mg__isnull", False)),
                                    models.Q(("given_ml__gt", 0), ("given_ml__isnull", False)),
                                    _connector="OR",
                                ),
                            ),
                            _connector="OR",
                        ),
                        name="scheduling_administration_given_has_dose",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="AdministrationEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                (
                    "pgh_obj",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="events",
                        to="scheduling.administration",
                    ),
                ),
                (
                    "pgh_context",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="pghistory.context",
                    ),
                ),
                ("id", models.BigIntegerField()),
                ("uuid", models.UUIDField(editable=False)),
                (
                    "cycle_day",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="scheduling.cycleday",
                    ),
                ),
                ("agent", models.CharField(max_length=60)),
                ("route", models.CharField(max_length=8)),
                ("kind", models.CharField(max_length=12)),
                ("because", models.TextField(blank=True)),
                ("dose_text", models.CharField(max_length=160)),
                ("arithmetic", models.TextField(blank=True)),
                ("source", models.CharField(max_length=120)),
                ("confidence", models.CharField(max_length=12)),
                ("minutes", models.PositiveSmallIntegerField()),
                ("observe_minutes", models.PositiveSmallIntegerField(blank=True, null=True)),
                ("calculated_mg", models.DecimalField(blank=True, decimal_places=2, max_digits=7, null=True)),
                ("planned_mg", models.DecimalField(blank=True, decimal_places=2, max_digits=7, null=True)),
                ("planned_ml", models.DecimalField(blank=True, decimal_places=2, max_digits=6, null=True)),
                ("given_mg", models.DecimalField(blank=True, decimal_places=2, max_digits=7, null=True)),
                ("given_ml", models.DecimalField(blank=True, decimal_places=2, max_digits=6, null=True)),
                ("given_on", models.DateField(blank=True, null=True)),
                ("started_at", models.TimeField(blank=True, null=True)),
                ("stopped_at", models.TimeField(blank=True, null=True)),
                ("product", models.CharField(blank=True, max_length=80)),
                ("lot", models.CharField(blank=True, max_length=40)),
                ("expires_on", models.DateField(blank=True, null=True)),
                (
                    "difference_reason",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("stopped-early", "Stopped early"),
                            ("reaction", "Reaction"),
                            ("dose-recalculated", "Dose recalculated"),
                            ("vial-rounding", "Vial rounding"),
                            ("other", "Other"),
                        ],
                        max_length=24,
                    ),
                ),
                (
                    "omission_reason",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("cardiac", "Cardiac"),
                            ("toxicity", "Toxicity"),
                            ("intercurrent-illness", "Intercurrent illness"),
                            ("patient-choice", "Patient choice"),
                            ("clinician-decision", "Clinician decision"),
                            ("supply", "Product not available"),
                            ("other", "Other"),
                        ],
                        max_length=24,
                    ),
                ),
                ("note", models.TextField(blank=True)),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="CycleDayEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                (
                    "pgh_obj",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="events",
                        to="scheduling.cycleday",
                    ),
                ),
                (
                    "pgh_context",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="pghistory.context",
                    ),
                ),
                ("id", models.BigIntegerField()),
                ("uuid", models.UUIDField(editable=False)),
                (
                    "plan",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="scheduling.treatmentplan",
                    ),
                ),
                ("cycle", models.PositiveSmallIntegerField()),
                ("day", models.PositiveSmallIntegerField(default=1)),
                ("of_cycles", models.PositiveSmallIntegerField(null=True)),
                ("phase", models.CharField(max_length=80)),
                ("planned_on", models.DateField()),
                ("first_planned_on", models.DateField()),
                ("starts_at", models.TimeField(blank=True, null=True)),
                ("infusion_minutes", models.PositiveSmallIntegerField()),
                ("chair_minutes", models.PositiveSmallIntegerField()),
                (
                    "state",
                    models.CharField(
                        choices=[("planned", "Planned"), ("given", "Given"), ("omitted", "Omitted")],
                        default=scheduling.words.DayState["PLANNED"],
                        max_length=10,
                    ),
                ),
                ("done_on", models.DateField(blank=True, null=True)),
                (
                    "omission_reason",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("cardiac", "Cardiac"),
                            ("toxicity", "Toxicity"),
                            ("intercurrent-illness", "Intercurrent illness"),
                            ("patient-choice", "Patient choice"),
                            ("clinician-decision", "Clinician decision"),
                            ("supply", "Product not available"),
                            ("other", "Other"),
                        ],
                        max_length=24,
                    ),
                ),
                ("omission_made_up", models.BooleanField(default=False)),
                ("plan_revision", models.PositiveIntegerField(blank=True, null=True)),
                ("note", models.TextField(blank=True)),
                (
                    "decided_by",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("decided_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="Delay",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("uuid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("recorded_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                (
                    "recorded_by",
                    models.ForeignKey(
                        editable=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "plan",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="delays",
                        to="scheduling.treatmentplan",
                    ),
                ),
                ("cycle", models.PositiveSmallIntegerField()),
                ("day", models.PositiveSmallIntegerField(default=1)),
                ("from_on", models.DateField()),
                ("to_on", models.DateField()),
                (
                    "scope",
                    models.CharField(
                        choices=[("later", "later"), ("only", "only")],
                        default=scheduling.core.facts.DelayScope["LATER"],
                        max_length=8,
                    ),
                ),
                (
                    "reason",
                    models.CharField(
                        choices=[
                            ("cardiac", "Cardiac"),
                            ("toxicity", "Toxicity"),
                            ("laboratory", "Laboratory"),
                            ("intercurrent-illness", "Intercurrent illness"),
                            ("surgery", "Surgery"),
                            ("patient-choice", "Patient choice"),
                            ("did-not-attend", "Did not attend"),
                            ("capacity", "No chair free"),
                            ("closed-day", "Clinic closed on that day"),
                            ("other", "Other"),
                        ],
                        max_length=24,
                    ),
                ),
                ("note", models.TextField(blank=True)),
                ("plan_revision", models.PositiveIntegerField()),
            ],
            options={
                "ordering": ["recorded_at", "id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "reason__in",
                                [
                                    "cardiac",
                                    "toxicity",
                                    "laboratory",
                                    "intercurrent-illness",
                                    "surgery",
                                    "patient-choice",
                                    "did-not-attend",
                                    "capacity",
                                    "closed-day",
                                    "other",
                                ],
                            )
                        ),
                        name="scheduling_delay_reason_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("scope__in", ["later", "only"])), name="scheduling_delay_scope_known"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("to_on__gt", models.F("from_on"))), name="scheduling_delay_is_later"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="DelayEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                (
                    "pgh_obj",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="events",
                        to="scheduling.delay",
                    ),
                ),
                (
                    "pgh_context",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="pghistory.context",
                    ),
                ),
                ("id", models.BigIntegerField()),
                ("uuid", models.UUIDField(default=uuid.uuid4, editable=False)),
                ("recorded_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                (
                    "recorded_by",
                    models.ForeignKey(
                        db_constraint=False,
                        editable=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "plan",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="scheduling.treatmentplan",
                    ),
                ),
                ("cycle", models.PositiveSmallIntegerField()),
                ("day", models.PositiveSmallIntegerField(default=1)),
                ("from_on", models.DateField()),
                ("to_on", models.DateField()),
                (
                    "scope",
                    models.CharField(
                        choices=[("later", "later"), ("only", "only")],
                        default=scheduling.core.facts.DelayScope["LATER"],
                        max_length=8,
                    ),
                ),
                (
                    "reason",
                    models.CharField(
                        choices=[
                            ("cardiac", "Cardiac"),
                            ("toxicity", "Toxicity"),
                            ("laboratory", "Laboratory"),
                            ("intercurrent-illness", "Intercurrent illness"),
                            ("surgery", "Surgery"),
                            ("patient-choice", "Patient choice"),
                            ("did-not-attend", "Did not attend"),
                            ("capacity", "No chair free"),
                            ("closed-day", "Clinic closed on that day"),
                            ("other", "Other"),
                        ],
                        max_length=24,
                    ),
                ),
                ("note", models.TextField(blank=True)),
                ("plan_revision", models.PositiveIntegerField()),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="Extension",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("uuid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("recorded_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                (
                    "recorded_by",
                    models.ForeignKey(
                        editable=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "plan",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="extensions",
                        to="scheduling.treatmentplan",
                    ),
                ),
                ("cycles", models.PositiveSmallIntegerField()),
                ("reason", models.TextField()),
                ("overridden", models.BooleanField(default=False)),
                ("plan_revision", models.PositiveIntegerField()),
            ],
            options={
                "ordering": ["recorded_at", "id"],
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("cycles__gte", 1)), name="scheduling_extension_adds"),
                    models.CheckConstraint(
                        condition=models.Q(("reason", ""), _negated=True), name="scheduling_extension_has_reason"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ExtensionEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                (
                    "pgh_obj",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="events",
                        to="scheduling.extension",
                    ),
                ),
                (
                    "pgh_context",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="pghistory.context",
                    ),
                ),
                ("id", models.BigIntegerField()),
                ("uuid", models.UUIDField(default=uuid.uuid4, editable=False)),
                ("recorded_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                (
                    "recorded_by",
                    models.ForeignKey(
                        db_constraint=False,
                        editable=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "plan",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="scheduling.treatmentplan",
                    ),
                ),
                ("cycles", models.PositiveSmallIntegerField()),
                ("reason", models.TextField()),
                ("overridden", models.BooleanField(default=False)),
                ("plan_revision", models.PositiveIntegerField()),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="Hold",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("uuid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("recorded_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                (
                    "recorded_by",
                    models.ForeignKey(
                        editable=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "plan",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="holds", to="scheduling.treatmentplan"
                    ),
                ),
                ("begun_on", models.DateField()),
                (
                    "reason",
                    models.CharField(
                        choices=[
                            ("lvef-fall", "Fall of LVEF"),
                            ("cardiac-symptoms", "Cardiac symptoms"),
                            ("other-toxicity", "Other toxicity"),
                            ("other", "Other"),
                        ],
                        max_length=20,
                    ),
                ),
                ("note", models.TextField(blank=True)),
                ("repeat_assessment_by", models.DateField(blank=True, null=True)),
                ("ended_on", models.DateField(blank=True, null=True)),
                (
                    "ended_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("end_note", models.TextField(blank=True)),
            ],
            options={
                "ordering": ["-begun_on", "-id"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("ended_on", None)), fields=("plan",), name="scheduling_hold_one_open"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("reason__in", ["lvef-fall", "cardiac-symptoms", "other-toxicity", "other"])
                        ),
                        name="scheduling_hold_reason_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("ended_by__isnull", False), ("ended_on__isnull", False)),
                            models.Q(("ended_by__isnull", True), ("ended_on__isnull", True)),
                            _connector="OR",
                        ),
                        name="scheduling_hold_ended_by_someone",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("ended_on", None), ("ended_on__gte", models.F("begun_on")), _connector="OR"
                        ),
                        name="scheduling_hold_ends_after",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="HoldEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                (
                    "pgh_obj",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="events",
                        to="scheduling.hold",
                    ),
                ),
                (
                    "pgh_context",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="pghistory.context",
                    ),
                ),
                ("id", models.BigIntegerField()),
                ("uuid", models.UUIDField(default=uuid.uuid4, editable=False)),
                ("recorded_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                (
                    "recorded_by",
                    models.ForeignKey(
                        db_constraint=False,
                        editable=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "plan",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="scheduling.treatmentplan",
                    ),
                ),
                ("begun_on", models.DateField()),
                (
                    "reason",
                    models.CharField(
                        choices=[
                            ("lvef-fall", "Fall of LVEF"),
                            ("cardiac-symptoms", "Cardiac symptoms"),
                            ("other-toxicity", "Other toxicity"),
                            ("other", "Other"),
                        ],
                        max_length=20,
                    ),
                ),
                ("note", models.TextField(blank=True)),
                ("repeat_assessment_by", models.DateField(blank=True, null=True)),
                ("ended_on", models.DateField(blank=True, null=True)),
                (
                    "ended_by",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("end_note", models.TextField(blank=True)),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="LevelChange",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("uuid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("recorded_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                (
                    "recorded_by",
                    models.ForeignKey(
                        editable=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "plan",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="level_changes",
                        to="scheduling.treatmentplan",
                    ),
                ),
                ("agent", models.CharField(max_length=60)),
                ("from_cycle", models.PositiveSmallIntegerField()),
                ("mg_per_kg", models.DecimalField(decimal_places=2, max_digits=4)),
                ("reason", models.TextField()),
                ("plan_revision", models.PositiveIntegerField()),
            ],
            options={
                "ordering": ["recorded_at", "id"],
                "constraints": [
                    models.UniqueConstraint(fields=("plan", "agent", "mg_per_kg"), name="scheduling_level_change_once"),
                    models.CheckConstraint(
                        condition=models.Q(("mg_per_kg__gt", 0)), name="scheduling_level_change_positive"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("reason", ""), _negated=True), name="scheduling_level_change_has_reason"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="LevelChangeEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                (
                    "pgh_obj",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="events",
                        to="scheduling.levelchange",
                    ),
                ),
                (
                    "pgh_context",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="pghistory.context",
                    ),
                ),
                ("id", models.BigIntegerField()),
                ("uuid", models.UUIDField(default=uuid.uuid4, editable=False)),
                ("recorded_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                (
                    "recorded_by",
                    models.ForeignKey(
                        db_constraint=False,
                        editable=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "plan",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="scheduling.treatmentplan",
                    ),
                ),
                ("agent", models.CharField(max_length=60)),
                ("from_cycle", models.PositiveSmallIntegerField()),
                ("mg_per_kg", models.DecimalField(decimal_places=2, max_digits=4)),
                ("reason", models.TextField()),
                ("plan_revision", models.PositiveIntegerField()),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="Override",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("uuid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("recorded_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                (
                    "recorded_by",
                    models.ForeignKey(
                        editable=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "plan",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="overrides",
                        to="scheduling.treatmentplan",
                    ),
                ),
                ("cycle", models.PositiveSmallIntegerField()),
                ("day", models.PositiveSmallIntegerField(default=1)),
                ("objections", models.JSONField()),
                (
                    "reason",
                    models.CharField(
                        choices=[
                            ("cardiology-advice", "Cardiology advises to continue"),
                            ("benefit-outweighs", "Benefit outweighs the cardiac risk"),
                            ("result-doubtful", "The result is doubtful"),
                            ("other", "Other"),
                        ],
                        max_length=24,
                    ),
                ),
                ("note", models.TextField()),
            ],
            options={
                "ordering": ["-recorded_at", "-id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("reason__in", ["cardiology-advice", "benefit-outweighs", "result-doubtful", "other"])
                        ),
                        name="scheduling_override_reason_known",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="OverrideEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                (
                    "pgh_obj",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="events",
                        to="scheduling.override",
                    ),
                ),
                (
                    "pgh_context",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="pghistory.context",
                    ),
                ),
                ("id", models.BigIntegerField()),
                ("uuid", models.UUIDField(default=uuid.uuid4, editable=False)),
                ("recorded_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                (
                    "recorded_by",
                    models.ForeignKey(
                        db_constraint=False,
                        editable=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "plan",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="scheduling.treatmentplan",
                    ),
                ),
                ("cycle", models.PositiveSmallIntegerField()),
                ("day", models.PositiveSmallIntegerField(default=1)),
                ("objections", models.JSONField()),
                (
                    "reason",
                    models.CharField(
                        choices=[
                            ("cardiology-advice", "Cardiology advises to continue"),
                            ("benefit-outweighs", "Benefit outweighs the cardiac risk"),
                            ("result-doubtful", "The result is doubtful"),
                            ("other", "Other"),
                        ],
                        max_length=24,
                    ),
                ),
                ("note", models.TextField()),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="PriorTreatment",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("uuid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("recorded_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                (
                    "recorded_by",
                    models.ForeignKey(
                        editable=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "plan",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="prior_treatments",
                        to="scheduling.treatmentplan",
                    ),
                ),
                ("agent", models.CharField(max_length=60)),
                ("doses", models.PositiveSmallIntegerField()),
                ("last_given_on", models.DateField()),
                ("first_given_on", models.DateField(blank=True, null=True)),
                ("place", models.CharField(blank=True, max_length=120)),
                ("decided_kind", models.CharField(blank=True, max_length=12)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("plan", "agent"), name="scheduling_prior_treatment_agent_once"),
                    models.CheckConstraint(
                        condition=models.Q(("doses__gte", 1)), name="scheduling_prior_treatment_counts"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("first_given_on", None),
                            ("first_given_on__lte", models.F("last_given_on")),
                            _connector="OR",
                        ),
                        name="scheduling_prior_treatment_in_order",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("decided_kind__in", ["", "loading", "maintenance"])),
                        name="scheduling_prior_treatment_decided",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="PriorTreatmentEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                (
                    "pgh_obj",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="events",
                        to="scheduling.priortreatment",
                    ),
                ),
                (
                    "pgh_context",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="pghistory.context",
                    ),
                ),
                ("id", models.BigIntegerField()),
                ("uuid", models.UUIDField(default=uuid.uuid4, editable=False)),
                ("recorded_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                (
                    "recorded_by",
                    models.ForeignKey(
                        db_constraint=False,
                        editable=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "plan",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="scheduling.treatmentplan",
                    ),
                ),
                ("agent", models.CharField(max_length=60)),
                ("doses", models.PositiveSmallIntegerField()),
                ("last_given_on", models.DateField()),
                ("first_given_on", models.DateField(blank=True, null=True)),
                ("place", models.CharField(blank=True, max_length=120)),
                ("decided_kind", models.CharField(blank=True, max_length=12)),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="TreatmentPlanEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                (
                    "pgh_obj",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="events",
                        to="scheduling.treatmentplan",
                    ),
                ),
                (
                    "pgh_context",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="pghistory.context",
                    ),
                ),
                ("id", models.BigIntegerField()),
                ("uuid", models.UUIDField(default=uuid.uuid4, editable=False)),
                ("recorded_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                (
                    "recorded_by",
                    models.ForeignKey(
                        db_constraint=False,
                        editable=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "patient",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="scheduling.patient",
                    ),
                ),
                (
                    "regimen",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="scheduling.regimenversion",
                    ),
                ),
                (
                    "setting",
                    models.CharField(
                        choices=[
                            ("neoadjuvant", "Neoadjuvant"),
                            ("adjuvant", "Adjuvant"),
                            ("metastatic", "Metastatic"),
                        ],
                        max_length=12,
                    ),
                ),
                ("start_on", models.DateField()),
                (
                    "state",
                    models.CharField(
                        choices=[("active", "active"), ("completed", "completed"), ("ceased", "ceased")],
                        default=scheduling.core.lifecycle.PlanState["ACTIVE"],
                        max_length=10,
                    ),
                ),
                ("dosing_weight_kg", models.DecimalField(blank=True, decimal_places=1, max_digits=4, null=True)),
                ("dosing_weight_on", models.DateField(blank=True, null=True)),
                ("ended_on", models.DateField(blank=True, null=True)),
                (
                    "end_reason",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("completed-early", "Completed early"),
                            ("cardiac", "Cardiac"),
                            ("toxicity", "Toxicity"),
                            ("recurrence", "Recurrence"),
                            ("patient-choice", "Patient choice"),
                            ("transferred", "Transferred"),
                            ("died", "Died"),
                            ("entered-in-error", "Entered in error"),
                            ("switched", "Switched to another regimen"),
                            ("other", "Other"),
                        ],
                        max_length=20,
                    ),
                ),
                (
                    "continues",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="scheduling.treatmentplan",
                    ),
                ),
                ("starts_new_line", models.BooleanField(default=False)),
                (
                    "switch_reason",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("residual-disease", "Invasive disease left at surgery"),
                            ("toxicity", "Toxicity"),
                            ("form", "Another form of the same treatment"),
                            ("progression", "Progression"),
                            ("patient-choice", "Patient choice"),
                            ("supply", "Product not available"),
                            ("other", "Other"),
                        ],
                        max_length=20,
                    ),
                ),
                ("revision", models.PositiveIntegerField(default=1)),
                (
                    "responsible",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "reload_with_pertuzumab",
                    models.CharField(
                        choices=[("label", "label"), ("eu-hp", "eu-hp")],
                        default=scheduling.core.policy.ReloadPolicy["LABEL"],
                        max_length=8,
                    ),
                ),
                (
                    "anchor",
                    models.CharField(
                        choices=[("actual", "actual"), ("grid", "grid")],
                        default=scheduling.core.policy.Anchor["ACTUAL"],
                        max_length=8,
                    ),
                ),
                (
                    "cap",
                    models.CharField(
                        choices=[("regimen", "regimen"), ("doses", "doses"), ("weeks", "weeks")],
                        default=scheduling.core.policy.CapPolicy["REGIMEN"],
                        max_length=8,
                    ),
                ),
                ("minimum_gap_days", models.PositiveSmallIntegerField(blank=True, null=True)),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="TumourProfile",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("uuid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("recorded_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                (
                    "recorded_by",
                    models.ForeignKey(
                        editable=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "patient",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE, related_name="tumour", to="scheduling.patient"
                    ),
                ),
                ("size_mm", models.DecimalField(blank=True, decimal_places=1, max_digits=4, null=True)),
                ("nodes_positive", models.PositiveSmallIntegerField(blank=True, null=True)),
                (
                    "er",
                    models.CharField(
                        choices=[("positive", "Positive"), ("negative", "Negative"), ("unknown", "Unknown")],
                        default=scheduling.words.Receptor["UNKNOWN"],
                        max_length=10,
                        verbose_name="ER",
                    ),
                ),
                (
                    "pr",
                    models.CharField(
                        choices=[("positive", "Positive"), ("negative", "Negative"), ("unknown", "Unknown")],
                        default=scheduling.words.Receptor["UNKNOWN"],
                        max_length=10,
                        verbose_name="PR",
                    ),
                ),
                (
                    "her2",
                    models.CharField(
                        choices=[("positive", "Positive"), ("negative", "Negative"), ("unknown", "Unknown")],
                        default=scheduling.words.Receptor["UNKNOWN"],
                        max_length=10,
                        verbose_name="HER2",
                    ),
                ),
                ("neoadjuvant_therapy", models.BooleanField(blank=True, null=True)),
                (
                    "residual_disease",
                    models.CharField(
                        choices=[("none", "None"), ("present", "Present"), ("unknown", "Unknown")],
                        default=scheduling.words.ResidualDisease["UNKNOWN"],
                        max_length=10,
                    ),
                ),
                ("surgery_on", models.DateField(blank=True, null=True)),
                ("chemotherapy_cycles", models.PositiveSmallIntegerField(blank=True, null=True)),
                ("chemotherapy_ended_on", models.DateField(blank=True, null=True)),
                ("anthracycline", models.BooleanField(blank=True, null=True)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("er__in", ["positive", "negative", "unknown"])),
                        name="scheduling_tumour_er_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("pr__in", ["positive", "negative", "unknown"])),
                        name="scheduling_tumour_pr_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("her2__in", ["positive", "negative", "unknown"])),
                        name="scheduling_tumour_her2_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("residual_disease__in", ["none", "present", "unknown"])),
                        name="scheduling_tumour_residual_known",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="TumourProfileEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                (
                    "pgh_obj",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="events",
                        to="scheduling.tumourprofile",
                    ),
                ),
                (
                    "pgh_context",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="pghistory.context",
                    ),
                ),
                ("id", models.BigIntegerField()),
                ("uuid", models.UUIDField(default=uuid.uuid4, editable=False)),
                ("recorded_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                (
                    "recorded_by",
                    models.ForeignKey(
                        db_constraint=False,
                        editable=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "patient",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="scheduling.patient",
                    ),
                ),
                ("size_mm", models.DecimalField(blank=True, decimal_places=1, max_digits=4, null=True)),
                ("nodes_positive", models.PositiveSmallIntegerField(blank=True, null=True)),
                (
                    "er",
                    models.CharField(
                        choices=[("positive", "Positive"), ("negative", "Negative"), ("unknown", "Unknown")],
                        default=scheduling.words.Receptor["UNKNOWN"],
                        max_length=10,
                        verbose_name="ER",
                    ),
                ),
                (
                    "pr",
                    models.CharField(
                        choices=[("positive", "Positive"), ("negative", "Negative"), ("unknown", "Unknown")],
                        default=scheduling.words.Receptor["UNKNOWN"],
                        max_length=10,
                        verbose_name="PR",
                    ),
                ),
                (
                    "her2",
                    models.CharField(
                        choices=[("positive", "Positive"), ("negative", "Negative"), ("unknown", "Unknown")],
                        default=scheduling.words.Receptor["UNKNOWN"],
                        max_length=10,
                        verbose_name="HER2",
                    ),
                ),
                ("neoadjuvant_therapy", models.BooleanField(blank=True, null=True)),
                (
                    "residual_disease",
                    models.CharField(
                        choices=[("none", "None"), ("present", "Present"), ("unknown", "Unknown")],
                        default=scheduling.words.ResidualDisease["UNKNOWN"],
                        max_length=10,
                    ),
                ),
                ("surgery_on", models.DateField(blank=True, null=True)),
                ("chemotherapy_cycles", models.PositiveSmallIntegerField(blank=True, null=True)),
                ("chemotherapy_ended_on", models.DateField(blank=True, null=True)),
                ("anthracycline", models.BooleanField(blank=True, null=True)),
            ],
            options={
                "abstract": False,
            },
        ),
    ]
