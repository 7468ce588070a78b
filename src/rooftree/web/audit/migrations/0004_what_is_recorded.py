"""What is recorded of a customer has its own lines in the log."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("audit", "0003_segment_actions"),
    ]

    operations = [
        migrations.AlterField(
            model_name="event",
            name="action",
            field=models.CharField(
                choices=[
                    ("people_found", "Searched, and was shown these people"),
                    ("record_viewed", "Opened the record"),
                    ("profile_viewed", "Read the profile"),
                    ("household_viewed", "Read household and home"),
                    ("events_viewed", "Read the timeline"),
                    ("account_viewed", "Read the rent account"),
                    ("history_viewed", "Read the history of values"),
                    ("lookers_viewed", "Asked who looked"),
                    ("asking_viewed", "Opened a question"),
                    ("answer_recorded", "Recorded an answer"),
                    ("objection_recorded", "Recorded an objection"),
                    ("answer_not_kept", "What was recorded was not kept"),
                    ("answer_taken_back", "Took an answer back"),
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
                    ("segment_written", "Began to write a segment"),
                    ("segment_proposed", "Proposed a segment"),
                    ("segment_approved", "Approved a segment"),
                    ("segment_sent_back", "Sent a segment back"),
                    ("segment_discarded", "Discarded a draft of a segment"),
                    ("segment_retired", "Retired a segment"),
                    ("job_started", "Started a job"),
                    ("job_cancelled", "Asked a job to stop"),
                ],
                max_length=32,
            ),
        ),
    ]
