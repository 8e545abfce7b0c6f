import pytest

from network import make_network  # noqa: F401  (a fixture)


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item):
    outcome = yield
    report = outcome.get_result()
    if report.when == "call":
        item.report_of_call = report
