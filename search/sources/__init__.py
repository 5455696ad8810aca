"""Files -> drafts of articles, and refusals."""
