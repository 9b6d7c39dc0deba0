"""Virtual iPhones and iPads: usbmuxd, lockdownd and its services on a real loopback socket."""
