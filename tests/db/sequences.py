"""Random sequences of calls on a database."""

from collections.abc import Callable
from typing import Any

import psycopg
from hypothesis import HealthCheck, settings
from hypothesis.stateful import RuleBasedStateMachine, run_state_machine_as_test
from psycopg.rows import dict_row
from tests.conftest import Server

Machine = Callable[[psycopg.Connection[Any]], type[RuleBasedStateMachine]]


def play(machine: Machine, server: Server, database: str, *, examples: int, steps: int) -> None:
    """Runs a machine that works on a connection of the owner of this database."""
    with psycopg.connect(server.postgres.owner_dsn(database), autocommit=True, row_factory=dict_row) as conn:
        run_state_machine_as_test(
            machine(conn),
            settings=settings(
                max_examples=examples,
                stateful_step_count=steps,
                deadline=None,
                suppress_health_check=list(HealthCheck),
                database=None,
            ),
        )
