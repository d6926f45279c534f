from tests.support.softhsm import softhsm_gate, softhsm_settings, softhsm_shared, softhsm_vault

__all__ = ["softhsm_gate", "softhsm_settings", "softhsm_shared", "softhsm_vault"]
