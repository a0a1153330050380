"""Names and shapes shared by the program and the driver. Knows neither Pulumi nor any cloud."""
