"""What is known of the optimum in random MDPs."""
