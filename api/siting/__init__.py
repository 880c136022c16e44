"""Where a project could stand, asked over HTTP: searches for sites, the matrix of fit, plans for many projects."""
