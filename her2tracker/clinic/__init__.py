"""Pages that need both apps: each role's home, the patient chart, site settings."""
