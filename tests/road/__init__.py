"""Attacks on the road, each by every login there is."""
