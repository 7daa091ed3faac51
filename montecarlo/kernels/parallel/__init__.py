"""All spins of many chains at once: parallel dynamics and the sums of mean-field equations."""
