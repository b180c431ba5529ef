"""The heart over HTTP: serializers and operations, a file per noun. The actions do the work."""
