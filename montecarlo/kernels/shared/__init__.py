"""What every kernel repeats bit for bit, and the contract in plain numpy."""
