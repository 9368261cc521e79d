"""What every channel of notifications can do."""

from __future__ import annotations

from typing import Protocol

from synthetic.store.values import Parcel


class Channel(Protocol):
    """Takes parcels to people.

    ``thread`` is what ``send`` returned for the first message of the parcel's incident at this
    channel and place; none when there was no such message.
    """

    @property
    def name(self) -> str:
        """What the plan's routes call it."""

    @property
    def at_least_once(self) -> bool:
        """Whether a message whose fate is unknown comes twice when it is sent again."""

    def send(self, parcel: Parcel, thread: str | None, /) -> str | None:
        """Send; what the channel calls the message, if it has a name for it.

        Raises :class:`~synthetic.errors.DeliveryError`, with ``retry_after_s`` where the channel
        said so, after which nobody knows whether the message arrived; and
        :class:`~synthetic.errors.MessageRefused` for what it will never take.
        """

    def find(self, parcel: Parcel, thread: str | None, /) -> str | None:
        """What the channel calls a parcel that an earlier try may have brought there.

        Asked before every try but the first. None where it did not arrive, or where a channel
        cannot tell: then it is sent again, which does no harm unless ``at_least_once``. Raises
        :class:`~synthetic.errors.DeliveryError` where it cannot be told *yet*.
        """
