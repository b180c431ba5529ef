from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "her2tracker.accounts"
    label = "accounts"
    verbose_name = "People"
