"""What may happen: entities, value objects and pure rules. Standard library only."""
