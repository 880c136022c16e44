"""What a snapshot says of one parcel or one park, of its findings, and where a word stands in it."""
