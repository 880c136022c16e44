"""Folium maps of a park that open without internet."""
