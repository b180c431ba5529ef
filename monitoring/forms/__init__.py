"""What people type about the heart, checked before an action sees it."""
