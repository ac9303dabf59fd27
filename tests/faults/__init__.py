"""What may happen to a server: killed, out of room, a damaged file, a clock that jumps."""
