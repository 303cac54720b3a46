"""The parts of a sweep: what other stores hold is compared with the rows, both ways, and mended."""
