"""What is served: a snapshot's tables as collections, kept in memory or in PostGIS, and which snapshot is live."""
