"""Paper on its way: jobs that wait in the home until they are printed, and the printers that take them."""
