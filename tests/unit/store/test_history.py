"""The history in SQLite does what a history does."""

from tests.asking_contract import *  # noqa: F403, the same tests run against PostgreSQL
from tests.history_contract import *  # noqa: F403
from tests.states_contract import *  # noqa: F403
