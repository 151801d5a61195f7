"""Writes what pages, the public interface and readers of Parquet get: files of one release, read from mart alone."""
