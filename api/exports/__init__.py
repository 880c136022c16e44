"""Files to take away: written whole into a folder of this process, streamed from there, and gone."""
