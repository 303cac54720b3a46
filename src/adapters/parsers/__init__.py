"""Reads files of hostile origin: one confined child process per document, a reader per format."""
