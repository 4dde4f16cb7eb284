"""Speed as ratios: each of our paths beside its limit and its peers, in the same run, in turns."""
