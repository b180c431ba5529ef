"""DRF's shared parts: urls, errors (one shape), pagination, authentication, permission."""
