"""What the pages of the service ask for: the data of the map, column by column, and tiles that hold numbers of rows."""
