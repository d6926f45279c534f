"""The table of judges, printed at the end of a run."""

import pytest

from tests.conformance.signer.table import head


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Every row that this run asked for, also from other processes: they travel as properties of the tests."""
    reports = [report for kind in ("passed", "failed") for report in terminalreporter.stats.get(kind, [])]
    rows = [value for report in reports for name, value in report.user_properties if name == "judges"]
    if rows:
        terminalreporter.section("what independent judges say")
        terminalreporter.write_line(head())
        for each in dict.fromkeys(rows):
            terminalreporter.write_line(str(each))
