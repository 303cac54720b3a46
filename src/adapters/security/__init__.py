"""Passwords by argon2id, tokens by JWT."""
