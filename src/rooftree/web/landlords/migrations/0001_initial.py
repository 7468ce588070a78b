"""The first tables of this app."""

import django.core.validators
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Landlord",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=120)),
                ("workspace", models.CharField(max_length=500, unique=True)),
                (
                    "colour",
                    models.CharField(
                        default="#1d5c63",
                        max_length=7,
                        validators=[
                            django.core.validators.RegexValidator(
                                "^#[0-9a-f]{6}\\Z", "Write the colour as #1d5c63."
                            )
                        ],
                    ),
                ),
                ("logo", models.BinaryField(blank=True, default=bytes)),
                ("logo_digest", models.CharField(blank=True, max_length=16)),
            ],
            options={
                "ordering": ("name",),
            },
        ),
    ]
