"""One module a file format; :mod:`models.rows` chooses among them."""
