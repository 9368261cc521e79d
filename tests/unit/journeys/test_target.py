"""How a target is named: by what answers, or else by what is known to have answered there."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from synthetic.errors import StoreError
from synthetic.journeys.target import STANDIN, STANDIN_HEADER, label_of, remember
from synthetic.store.history import Store


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(None, tmp_path) as opened:
        yield opened


@contextmanager
def answering(*, standin: bool, length: int = 0) -> Iterator[str]:
    """The address of something that answers; ``length`` is how many bytes it promises."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            if standin:
                self.send_header(STANDIN_HEADER, "1")
            self.send_header("Content-Length", str(length))
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


def named(url: str, store: Store) -> str:
    label = label_of(url, lambda: nullcontext(store))
    remember(store, url, label)
    return label


def test_a_stand_in_is_known_by_what_it_answers(store: Store) -> None:
    with answering(standin=True) as url:
        assert named(url, store) == STANDIN
    with answering(standin=False) as url:
        assert named(url, store) == url


def test_a_stand_in_that_is_down_is_still_one(store: Store) -> None:
    with answering(standin=True) as url:
        named(url, store)
    assert named(url, store) == STANDIN


def test_a_product_that_is_down_is_never_taken_for_a_stand_in(store: Store) -> None:
    """Also where the history knows nothing but a stand-in: nobody would hear of its outage."""
    with answering(standin=True) as url:
        named(url, store)
    with answering(standin=False) as product:
        pass
    assert named(product, store) == product


def test_what_answers_counts_more_than_what_did_before(store: Store) -> None:
    with answering(standin=False) as url:
        remember(store, url, STANDIN)
        assert named(url, store) == url
    assert named(url, store) == url


def test_no_body_is_waited_for(store: Store) -> None:
    with answering(standin=True, length=10**9) as url:
        assert named(url, store) == STANDIN


def test_a_history_out_of_reach_keeps_nobody_from_a_name() -> None:
    def closed() -> Store:
        raise StoreError("the history is away")

    assert label_of("http://127.0.0.1:1/", closed) == "http://127.0.0.1:1/"
