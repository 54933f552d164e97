"""What optima compute with: arrays kept on disk, and assignments."""
