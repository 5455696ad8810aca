"""A typed query -> the query tree."""
