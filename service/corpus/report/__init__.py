"""The report on scored rows: read once, counted in bounded memory, and written as one page that needs no network."""
