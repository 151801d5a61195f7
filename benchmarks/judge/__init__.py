"""What it costs to judge a batch, against SQL written by hand for the same verdict."""
