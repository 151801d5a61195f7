"""A whole province from its agencies' files to a release, at growing size, and a day on which little changes."""
