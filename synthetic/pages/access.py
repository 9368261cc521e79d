"""Landing page, sign-up, log-in and the entry of the code."""

from __future__ import annotations

from collections.abc import Mapping

from synthetic.browser.locator import Locator
from synthetic.browser.stopwatch import Condition
from synthetic.browser.view import View


class Access:
    """How a person gets in."""

    def __init__(self, view: View, table: Mapping[str, Locator], base_url: str) -> None:
        self._view = view
        self._table = table
        self._base_url = base_url

    def _at(self, element: str) -> Locator:
        return self._table[f"access.{element}"]

    def open(self) -> None:
        """Go to the landing page."""
        self._view.open(self._base_url)

    def open_sign_up(self) -> None:
        """Follow "Sign Up"."""
        self._view.click(self._at("sign_up"))

    def open_log_in(self) -> None:
        """Follow "Log In"."""
        self._view.click(self._at("log_in"))

    def request_code(self, email: str) -> None:
        """Fill in the address and ask for a code."""
        self._view.fill(self._at("email"), email)
        self._view.click(self._at("request_code"))

    def resend_code(self) -> None:
        """Ask for another code."""
        self._view.click(self._at("resend"))

    def enter_code(self, code: str) -> None:
        """Fill in the code and confirm."""
        self._view.fill(self._at("code"), code)
        self._view.click(self._at("verify"))

    @property
    def landing(self) -> Condition:
        """The landing page offers to sign up."""
        return Condition(self._view, 'the link "Sign Up"', self._at("sign_up"))

    @property
    def form(self) -> Condition:
        """The form asks for an address."""
        return Condition(self._view, "the form with the e-mail input", self._at("email"))

    @property
    def code_form(self) -> Condition:
        """The form asks for the code."""
        return Condition(self._view, "the input for the code", self._at("code"))

    @property
    def refusal(self) -> Condition:
        """The page says no."""
        return Condition(self._view, "a refusal", self._at("refusal"), anew=True)

    def asks_for_captcha(self) -> bool:
        """Whether the page wants to know if we are a person."""
        return self._view.shows(self._at("captcha"))

    def says_unknown(self) -> bool:
        """Whether the page says that the account does not exist."""
        return self._view.element(self._at("unknown_account")).is_visible()
