"""People's corrections: kept in a database, looked up, counted, imported and exported."""
