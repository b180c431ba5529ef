from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('monitoring', '0007_letters_and_next_checks'),
    ]

    operations = [
        migrations.AddConstraint(
            model_name='reminder',
            constraint=models.UniqueConstraint(condition=models.Q(('recipient', None)), fields=('patient', 'about', 'due_on', 'channel'), name='monitoring_letter_once'),
        ),
    ]
