"""A small MDM server for the rack: what an organisation runs, so that virtual iPhones have somewhere to enrol."""
