"""The stories, one a module. Each has `play(scene, cast)`, which raises Unmet when one of its facts does not hold."""
