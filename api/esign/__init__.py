"""What stands behind the gateway's face."""
