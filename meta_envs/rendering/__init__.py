"""What the renderings of all environments share: colours and shapes."""
