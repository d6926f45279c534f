"""The registration office: what staff do, each act under the right of their role and under their name in the trail."""
