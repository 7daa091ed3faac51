"""Vector code for rows kept as bits: what the inner loops are made of."""
