"""The diary step."""

from django.apps import AppConfig


class DiaryConfig(AppConfig):
    """Entries, reminders, messages, what the person sees of themselves."""

    name = "surcease.web.diary"
    label = "diary"

    def ready(self) -> None:
        """The diary belongs to the person's record; the ribbon's word; reminders go out by the minute."""
        from surcease.web import tick
        from surcease.web.diary.queries import step_state
        from surcease.web.diary.record import diary_of
        from surcease.web.diary.remind import remind
        from surcease.web.patients.record import record_part
        from surcease.web.patients.ribbon import room

        record_part("diary", diary_of)
        room("diary", route="diary:person", state=step_state)
        tick.register("diary.remind", every_s=60, work=remind)
