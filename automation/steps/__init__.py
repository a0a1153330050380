"""The steps of a deployment, one module each; `automation.deployment` has them in order."""
