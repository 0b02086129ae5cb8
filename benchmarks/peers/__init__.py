"""What ru-stance is compared with; each peer loads the same weights, rebuilt for torch."""
