"""Many people at once: they speak the app's own protocol, so that one machine can play them all."""
