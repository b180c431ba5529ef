from django.apps import AppConfig


class ClinicConfig(AppConfig):
    name = "her2tracker.clinic"
    label = "clinic"
    verbose_name = "Clinic"
