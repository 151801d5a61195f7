"""What is built from released rows and published for policymakers."""
