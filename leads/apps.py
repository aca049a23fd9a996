from django.apps import AppConfig


class LeadsConfig(AppConfig):
    """The case file: leads, checklists, answers, scores, lifecycle, hand-off."""

    name = "leads"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        # Scoring does not know what it judges: leads tells it which facts a policy may name.
        from leads.facts import facts_of_a_lead
        from scoring import doors
        from scoring.facts import register
        from scoring.models import QuestionSet, QuestionSetDraft

        register(facts_of_a_lead)
        from leads.lists import CHECKLISTS, LISTS, PREVIEW, SECTIONS
        from leads.new_policies import follow
        from leads.tasks import leave_everything
        from leads.trials import TRIALS
        from scoring import trials
        from scoring.publishing import when_a_policy_is_published
        from users import editable_lists, settings_pages
        from users.organising import when_the_zone_changes

        doors.register(QuestionSet, CHECKLISTS)
        doors.register(QuestionSetDraft, PREVIEW)
        editable_lists.register(*LISTS)
        settings_pages.register(*SECTIONS)
        # A date passes at midnight of the workspace: in another zone every score may be another.
        when_the_zone_changes(leave_everything)
        when_a_policy_is_published(follow)
        trials.register(TRIALS)
