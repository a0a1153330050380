"""Where secrets that the operator gives are kept."""

PLATFORMS = {
    "config": "components.secrets.config:ConfigSecrets",
}
