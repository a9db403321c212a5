"""What an operator can see of a running bot: readiness, metrics, and whether its clock is right."""
