"""The audit trail's guard: checkpoints over it, the check of the whole, and the refusal to act without them."""
