"""The handset's shell: parser, interpreter and the small tools around them."""
