"""What keeps and searches the articles; each engine fulfils the contract of `engine.py`."""
