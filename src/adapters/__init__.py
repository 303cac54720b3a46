"""Which technology: one folder per technology, inside it one file per port."""
