"""The fast engine: a Whoosh index whose segments are files of NumPy arrays."""
