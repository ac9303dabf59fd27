"""One file per question; each reads state, asks a service and draws."""
