"""/metrics: numbers for Prometheus, none of which names a user."""

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from blogai.app import Split
from blogai.db.database import Connection, Database
from blogai.metrics import METRICS, Metrics

DASHBOARD = Path(__file__).parents[2] / "docs" / "grafana-dashboard.json"
OPERATIONS = Path(__file__).parents[2] / "docs" / "operations.md"

FILL = """
insert into public.users (user_id, email, tier) values ('ann', 'ann@example.org', 'pro'), ('bob', null, 'free');
insert into public.user_quotas (user_id, tier, month_used) values ('ann', 'pro', 198), ('bob', 'free', 5);
insert into public.stripe_subscriptions (subscription_id, user_id, tier) values ('sub_1', 'ann', 'pro');
insert into public.payments (user_id, subscription_id, amount_cents) values ('ann', 'sub_1', 4900);
insert into public.payment_failures (user_id, invoice_id) values ('ann', 'in_1');
insert into public.tool_usage (tool_id, count) values ('blog-"post"', 3);
insert into private.maintenance_log (task, outcome, run_by, finished_at) values ('vacuum', 'failed', 'x', now());
"""


def samples(text: str) -> dict[tuple[str, ...], float]:
    """By name and label values, in the order of the labels' names."""
    return {
        (sample.name, *(sample.labels[label] for label in sorted(sample.labels))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


async def test_what_the_views_say(client: httpx.AsyncClient, owner_conn: Connection) -> None:
    await owner_conn.execute(FILL)
    answer = await client.get("/metrics")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    found = samples(answer.text)
    expected = {
        ("blogai_database_up",): 1,
        ("blogai_users", "yes", "pro"): 1,
        ("blogai_users", "no", "free"): 1,
        ("blogai_users_approaching_quota", "pro"): 1,
        ("blogai_usage_month_units", "pro"): 198,
        ("blogai_revenue", "usd", "pro"): 49,
        ("blogai_paying_users", "usd", "pro"): 1,
        ("blogai_failed_payments_unresolved",): 1,
        ("blogai_batch_jobs_stuck",): 0,
        ("blogai_tool_uses", 'blog-"post"'): 3,
        ("blogai_maintenance_last_failed", "vacuum"): 1,
        ("blogai_maintenance_last_done_timestamp_seconds", "archive_usage"): 0,
        ("blogai_queue_jobs", "failed"): 0,
    }
    assert expected.items() <= found.items()
    assert found["blogai_relation_bytes", "table", "public.users"] > 0
    assert not re.search(r"ann|bob|example\.org", answer.text)


async def test_one_reading_answers_several_scrapes(client: httpx.AsyncClient, owner_conn: Connection) -> None:
    first = await client.get("/metrics")
    await owner_conn.execute(FILL)
    assert (await client.get("/metrics")).text == first.text


async def test_a_database_out_of_reach_is_a_number(database: Database) -> None:
    metrics = Metrics(database)
    assert samples((await metrics.text()).decode())["blogai_database_up",] == 1
    metrics = Metrics(database)
    await database.close()
    assert samples((await metrics.text()).decode()) == {("blogai_database_up",): 0}


async def test_other_sites_are_refused(client: httpx.AsyncClient) -> None:
    assert (await client.get("/metrics", headers={"sec-fetch-site": "cross-site"})).status_code == 403
    assert (await client.get("/metrics", headers={"host": "metrics.example.org"})).status_code == 403


async def test_the_address_belongs_to_the_api() -> None:
    asked: list[str] = []

    def application(name: str) -> object:
        async def answer(scope: object, receive: object, send: object) -> None:
            asked.append(name)

        return answer

    split = Split(application("api"), application("pages"))  # type: ignore[arg-type]
    for path in ("/metrics", "/metricsandmore"):
        await split({"type": "http", "path": path}, None, None)  # type: ignore[arg-type]
    assert asked == ["api", "pages"]


def asked(expression: str) -> Iterator[tuple[str, set[str]]]:
    """Metrics of a query, with the labels that it selects or groups by."""
    grouped = set(re.findall(r"\w+", " ".join(re.findall(r"\bby \(([^)]*)\)", expression))))
    for name, selectors in re.findall(r"(blogai_\w+)(?:\{([^}]*)\})?", expression):
        yield name, grouped | set(re.findall(r"(\w+)\s*(?:=~|!~|!=|=)", selectors))


def dashboard() -> Iterator[tuple[str, set[str]]]:
    for panel in json.loads(DASHBOARD.read_text(encoding="utf-8"))["panels"]:
        for target in panel.get("targets", []):
            shown = set(re.findall(r"\{\{(\w+)\}\}", target["legendFormat"]))
            yield from ((name, labels | shown) for name, labels in asked(target["expr"]))


def alerts() -> Iterator[tuple[str, set[str]]]:
    page = OPERATIONS.read_text(encoding="utf-8")
    yield from asked(page[page.index("\n## Alerts") :])


@pytest.mark.parametrize("source", [dashboard, alerts])
async def test_what_is_asked_is_answered(
    client: httpx.AsyncClient, owner_conn: Connection, source: Callable[[], Iterator[tuple[str, set[str]]]]
) -> None:
    await owner_conn.execute(FILL)
    text = (await client.get("/metrics")).text
    answered = {family.name for family in text_string_to_metric_families(text)}
    labels = {"blogai_database_up": set[str](), **{name: set(names) for name, _, names, _ in METRICS}}
    found = list(source())
    assert len(found) >= 5
    for name, used in found:
        assert name in answered
        assert used <= labels[name], name
