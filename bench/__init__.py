"""What Sysmail costs, as ratios to what others cost, measured in turn in one run."""
