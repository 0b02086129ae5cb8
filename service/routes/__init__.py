"""One thin file per resource."""
