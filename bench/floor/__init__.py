"""What can be reached at best: the same HTTP server, frames and worker processes, and nothing of AWS between."""
