"""French text -> tokens, stems and stop words."""
