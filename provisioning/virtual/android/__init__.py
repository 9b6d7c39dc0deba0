"""Virtual Android handsets: adbd on real loopback sockets behind a real adb server."""
