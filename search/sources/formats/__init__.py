"""One file a format: each module here is a format of the registry."""
