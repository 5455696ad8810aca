"""The peers, a module each, imported in a process of its own."""
