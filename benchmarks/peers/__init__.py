"""What a reader knows already, done as well as it can be, to be measured beside ours."""
