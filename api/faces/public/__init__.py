"""The citizen's door: the page behind the QR, the typed code and the upload. It shows verdicts and never makes one."""
