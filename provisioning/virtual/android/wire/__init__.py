"""What adbd says on the wire: packets, authorisation, streams, services."""
