"""One chain, visited spin by spin: a file for each form of its network."""
