"""The errors of synthetic, each with the origin it points at.

::

    SyntheticError                 (unknown)
    ├── SettingsError              (runner)      a setting is unknown, unreadable or wrong
    ├── TargetError                (target)
    │   ├── StepTimeout                          what a step waits for did not happen in time
    │   │   └── NoCode                           no one-time code came to the mailbox
    │   ├── Refused                              the target answered or showed an error
    │   ├── WrongPicture                         media came, but not the other person's
    │   ├── Leak                                 somebody was shown or given what is another's
    │   ├── TargetUnreachable                    nothing answers at the target's address
    │   └── WrongProduct                         something answers, but it is not the product
    ├── RateLimited                (unknown)     the target says we ask too often
    ├── DependencyError            (dependency)
    │   ├── MailboxError                         the mailbox cannot be read
    │   ├── SourceError                          a source of figures does not give what it should
    │   └── DeliveryError                        a sink or a channel did not take what we sent
    │       ├── MessageRefused                   the message itself is what it did not take
    │       └── PlaceUnusable                    one place of it takes nothing, others may
    └── RunnerError                (runner)
        ├── PlanError                            a file of the monitoring plan is wrong
        ├── RecipeError                          a recipe for a source of figures is wrong
        ├── BrowserMissing                       no browser to start
        ├── BrowserDied                          a browser ended by itself
        ├── FeedError                            a camera or microphone file is missing or damaged
        ├── Overloaded                           our own machine was too busy to judge
        ├── AccountsExhausted                    every standing account is leased
        ├── ReportsNotWritable                   run records cannot be written
        ├── StoreError                           the history cannot be read or written
        │   ├── StoreLocked                      others hold it for too long
        │   ├── StoreFull                        no space is left for it
        │   ├── StoreReadOnly                    it may not be written
        │   ├── StoreTooNew                      a newer synthetic wrote it
        │   ├── StoreDamaged                     it is not a database, or no longer
        │   └── StoreUnreachable                 its server does not answer, or lets us not in
        ├── ClockWrong                           our clock is far from that of the history's server
        ├── BadSamples                           figures that somebody handed in are no samples
        └── UsageError                           a journey uses the package wrongly

Every message says what was wrong, where, and what to do.
"""

from __future__ import annotations

from typing import ClassVar

from synthetic.results import Origin


class SyntheticError(Exception):
    """Base of all errors raised on purpose; ``origin`` is whose fault it points at.

    ``again`` is whether a second attempt may end otherwise, and may be made at all.
    """

    origin: ClassVar[Origin] = "unknown"
    again: ClassVar[bool] = True


class TargetError(SyntheticError, AssertionError):
    """The target did not do what a user would expect.

    An assertion failed, so that test reports tell it ("failed") from trouble of ours ("broken").
    """

    origin = "target"


class StepTimeout(TargetError):
    """What a step waits for did not happen within its limit."""


class NoCode(StepTimeout):
    """No one-time code came to ``to``: not sent, or our mailbox did not get it."""

    def __init__(self, message: str, to: str) -> None:
        super().__init__(message)
        self.to = to


class Refused(TargetError):
    """The target answered a correct request with an error."""


class WrongPicture(TargetError):
    """Media arrived, but it is not the other person's, or nobody could see it."""


class Leak(TargetError):
    """Somebody was shown or given what is another's, or what had been withdrawn: security."""


class WrongContent(TargetError):
    """The product shows or hands out something else than what went in."""


class TargetUnreachable(TargetError):
    """Nothing answers at the target's address, or its certificate is broken."""


class WrongProduct(TargetError):
    """Something answers at the target's address, but it is not the product."""


class RateLimited(SyntheticError):
    """The target says that we ask too often: nobody's outage."""

    again = False
    retry_after_s: float | None = None


class DependencyError(SyntheticError):
    """Something that we depend on, and the target does not, failed."""

    origin = "dependency"


class MailboxError(DependencyError):
    """The mailbox in which codes arrive cannot be read."""


class SourceError(DependencyError):
    """A source of figures did not answer, or not as its recipe expects.

    ``retry_after_s`` is how long it asks to be left alone, where it does.
    """

    def __init__(self, message: str, retry_after_s: float | None = None) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


class DeliveryError(DependencyError):
    """A metrics sink or a notification channel did not take what was sent.

    ``retry_after_s`` is how long it asks to be left alone, where it said so.
    """

    def __init__(self, message: str, retry_after_s: float | None = None) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


class MessageRefused(DeliveryError):
    """A channel will never take this message; others may pass."""


class PlaceUnusable(DeliveryError):
    """One place of a channel takes nothing, as set up; its other places may."""


class RunnerError(SyntheticError):
    """Our own side failed: browser, files, machine."""

    origin = "runner"


class SettingsError(RunnerError):
    """A setting is unknown, unreadable or of the wrong type."""

    again = False


class PlanError(RunnerError):
    """A file of the monitoring plan is missing, unreadable or contradicts itself."""

    again = False


class RecipeError(RunnerError):
    """A recipe for a source of figures is missing, unreadable or wrong."""

    again = False


class BrowserMissing(RunnerError):
    """No browser was found to start."""

    again = False


class BrowserDied(RunnerError):
    """A browser ended by itself."""


class FeedError(RunnerError):
    """A camera or microphone file is missing or damaged."""


class Overloaded(RunnerError):
    """Our own machine was too busy to judge media by."""


class AccountsExhausted(RunnerError):
    """Every standing account is leased by another journey."""

    again = False


class ReportsNotWritable(RunnerError):
    """The run record cannot be written: read-only or full."""

    again = False


class StoreError(RunnerError):
    """The history database cannot be read or written."""

    again = False


class StoreLocked(StoreError):
    """Other processes hold the history for longer than we wait."""


class StoreFull(StoreError):
    """No space is left for the history."""


class StoreReadOnly(StoreError):
    """The history may not be written."""


class StoreTooNew(StoreError):
    """The history was written by a newer version of this package."""


class StoreDamaged(StoreError):
    """The history is not a database, or no longer a whole one."""


class StoreUnreachable(StoreError):
    """The server that holds the history does not answer, or does not let us in."""


class ClockWrong(RunnerError):
    """This machine's clock is far from that of the server by which all locations go."""

    again = False


class BadSamples(RunnerError):
    """What somebody handed in as samples cannot be read as such."""

    again = False


class UsageError(RunnerError):
    """A journey uses this package in a way that cannot work."""

    again = False
