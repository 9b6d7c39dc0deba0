"""The physical ports of this machine: what hangs where, what people call it, and which of them is to be mistrusted."""
