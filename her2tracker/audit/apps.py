from django.apps import AppConfig


class AuditConfig(AppConfig):
    name = "her2tracker.audit"
    label = "audit"
    verbose_name = "Audit"
