"""Tries every operation with another tenant's ids: nothing may be seen, changed or told apart."""
