"""The contract that e-offices already speak: the gateway's calls, v1 and v2."""
