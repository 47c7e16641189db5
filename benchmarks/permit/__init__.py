"""`permit verify`, from files to the answer."""
