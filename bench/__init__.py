"""Speed and size of Lambent, beside a floor and a peer. `python -m bench` runs all of it."""
