"""A day's list finds what was omitted from it, without reading all there is; made while the clinic goes on."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):

    atomic = False  # an index that locks nobody out cannot be made inside a transaction

    dependencies = [
        ('scheduling', '0017_first_given'),
    ]

    operations = [
        AddIndexConcurrently(
            model_name='cycleday',
            index=models.Index(condition=models.Q(('state', 'omitted')), fields=['planned_on'], name='scheduling_day_omitted'),
        ),
    ]
