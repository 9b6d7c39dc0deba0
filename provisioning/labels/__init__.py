"""Labels for handsets and bags, for raw label printers."""
