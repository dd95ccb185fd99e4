"""The documented API families, each with its own words, envelope and paging."""
