"""The first tables of this app."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Event",
            fields=[
                ("seq", models.BigIntegerField(primary_key=True, serialize=False)),
                ("at", models.CharField(max_length=32)),
                ("landlord_id", models.BigIntegerField(null=True)),
                ("actor_id", models.BigIntegerField(null=True)),
                (
                    "action",
                    models.CharField(
                        choices=[
                            ("people_found", "Searched, and was shown these people"),
                            ("record_viewed", "Opened the record"),
                            ("profile_viewed", "Read the profile"),
                            ("household_viewed", "Read household and home"),
                            ("events_viewed", "Read the timeline"),
                            ("account_viewed", "Read the rent account"),
                            ("history_viewed", "Read the history of values"),
                            ("lookers_viewed", "Asked who looked"),
                            ("reason_given", "Gave a reason for looking"),
                            ("access_refused", "Was refused"),
                            ("log_viewed", "Read the access log"),
                            ("signed_in", "Signed in"),
                            ("signed_out", "Signed out"),
                            ("password_changed", "Changed the password"),
                            ("factor_added", "Added a second factor"),
                            ("factor_removed", "Removed a second factor"),
                            ("invited", "Invited a colleague"),
                            ("invitation_revoked", "Took an invitation back"),
                            ("invitation_used", "Used an invitation"),
                            ("role_changed", "Changed role or patches"),
                            ("deactivated", "Closed an account"),
                            ("reactivated", "Opened an account again"),
                            ("sign_in_reset", "Reset password and second factor"),
                            ("landlord_added", "Added the landlord"),
                            ("identity_changed", "Changed the landlord's identity"),
                            ("job_started", "Started a job"),
                            ("job_cancelled", "Asked a job to stop"),
                        ],
                        max_length=32,
                    ),
                ),
                ("subjects", models.JSONField(default=list)),
                ("reason", models.CharField(blank=True, max_length=60)),
                ("detail", models.JSONField(default=dict)),
                ("previous", models.CharField(max_length=64)),
                ("digest", models.CharField(max_length=64)),
            ],
            options={
                "ordering": ("-seq",),
                "indexes": [
                    models.Index(fields=["landlord_id", "-seq"], name="event_of_landlord"),
                    models.Index(fields=["actor_id", "-seq"], name="event_of_actor"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Subject",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("landlord_id", models.BigIntegerField()),
                ("subject", models.CharField(max_length=40)),
                (
                    "event",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="indexed",
                        to="audit.event",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        fields=["landlord_id", "subject", "-event"], name="event_of_subject"
                    )
                ],
            },
        ),
    ]
