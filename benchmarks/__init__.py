"""What is measured, against what. ``make bench`` runs every module and prints its figures."""
