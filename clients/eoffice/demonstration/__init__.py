"""An e-office to look at: invented agencies and people, beside a demonstration of Teken."""
