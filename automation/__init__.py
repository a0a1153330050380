"""What happens: the driver that takes a deployment from one desired state to the next."""
