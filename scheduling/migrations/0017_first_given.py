"""The day a plan's first dose was given is found by an index; made while the clinic goes on."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):

    atomic = False  # an index that locks nobody out cannot be made inside a transaction

    dependencies = [
        ('scheduling', '0016_trade_numbers'),
    ]

    operations = [
        AddIndexConcurrently(
            model_name='cycleday',
            index=models.Index(condition=models.Q(('state', 'given')), fields=['plan', 'done_on'], name='scheduling_day_given'),
        ),
    ]
