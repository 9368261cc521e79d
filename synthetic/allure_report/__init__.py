"""What Allure's report says of journeys beyond what its plugin for pytest knows.

:mod:`~synthetic.allure_report.telling` completes a result, :mod:`~synthetic.allure_report.standing`
knows what the plan holds of features, :mod:`~synthetic.allure_report.surroundings` says what was
looked at, and :mod:`~synthetic.allure_report.past` how earlier runs ended.
"""
