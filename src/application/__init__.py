"""What the product does: use cases and queries over ports. No vendor, no framework."""
