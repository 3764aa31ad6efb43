"""Facts about a pipeline that decide the shape of its manifest."""
