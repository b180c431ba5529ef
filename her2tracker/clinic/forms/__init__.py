"""Plain forms of the pages that need both apps."""
