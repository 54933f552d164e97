"""What people look at: tables, figures, animations and windows."""
