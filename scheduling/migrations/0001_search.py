"""Trigrams and accents for finding patients, and an immutable wrapper that an index may use."""

from django.contrib.postgres.operations import TrigramExtension, UnaccentExtension
from django.db import migrations


class Migration(migrations.Migration):
    initial = True
    dependencies = []
    operations = [
        TrigramExtension(),
        UnaccentExtension(),
        migrations.RunSQL(
            # unaccent() is only STABLE because its dictionary could change; ours is named, so it does not.
            sql="""
                CREATE FUNCTION her2_unaccent(text) RETURNS text
                LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
                RETURN public.unaccent('public.unaccent'::regdictionary, $1);
            """,
            reverse_sql="DROP FUNCTION her2_unaccent(text);",
        ),
    ]
