"""What behaviour says: analyses of the choices that an evaluation has recorded."""
