"""The command line `lambent`. May import everything below it; nothing imports it."""
