"""Recordings over HTTP: chunks in, one file out."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from synthetic.standin.recordings import CHUNK_LIMIT, WEBM


def begin(standin: Any) -> tuple[httpx.Client, str]:
    person = standin.person()
    session = person.post("/api/sessions/create", json={"title": "Take"}).json()["session"]["id"]
    answer = person.post("/api/recordings/start", json={"session_id": session})
    assert (answer.status_code, answer.json()["recording"]["state"]) == (201, "recording")
    return person, f"/api/recordings/{answer.json()['recording']['id']}"


def state(person: httpx.Client, path: str) -> str:
    return str(person.get(path).json()["recording"]["state"])


def test_chunks_in_any_order_come_out_as_one_file(standin: Any) -> None:
    person, path = begin(standin)
    for number, data in ((1, b"second"), (0, b"wrong"), (0, WEBM + b"first")):
        assert person.put(f"{path}/chunks/{number}", content=data).status_code == 201
    finished = person.post(f"{path}/finish", json={"chunks": 2})
    assert (finished.status_code, finished.json()["recording"]["state"]) == (202, "uploaded")
    while state(person, path) in {"uploaded", "processing"}:
        pass
    file = person.get(f"{path}/download")
    assert (file.content, file.headers["content-type"]) == (WEBM + b"firstsecond", "video/webm")


def test_what_is_no_video_fails_in_processing(standin: Any) -> None:
    person, path = begin(standin)
    person.put(f"{path}/chunks/0", content=b"not a video")
    person.post(f"{path}/finish", json={"chunks": 1})
    while state(person, path) in {"uploaded", "processing"}:
        pass
    assert state(person, path) == "failed"
    assert person.get(f"{path}/download").status_code == 409


def test_a_missing_chunk_is_named(standin: Any) -> None:
    person, path = begin(standin)
    person.put(f"{path}/chunks/0", content=WEBM)
    answer = person.post(f"{path}/finish", json={"chunks": 3})
    assert answer.status_code == 409
    assert "Chunk 1" in answer.json()["error"]["message"]


def test_an_oversized_chunk_is_refused(standin: Any) -> None:
    person, path = begin(standin)
    assert person.put(f"{path}/chunks/0", content=bytes(CHUNK_LIMIT)).status_code == 201
    assert person.put(f"{path}/chunks/1", content=bytes(CHUNK_LIMIT + 1)).status_code == 413


@pytest.mark.parametrize("number", ["-1", "x", "1e3", "10000", "9" * 400, "%00", "1.0"])
def test_a_chunk_number_is_a_small_number(standin: Any, number: str) -> None:
    person, path = begin(standin)
    assert person.put(f"{path}/chunks/{number}", content=b"x").status_code == 422


@pytest.mark.parametrize("chunks", [0, -1, 10**30, True, "1", None, 1.5])
def test_a_chunk_count_is_a_small_number(standin: Any, chunks: object) -> None:
    person, path = begin(standin)
    assert person.post(f"{path}/finish", json={"chunks": chunks}).status_code == 422


def test_a_recording_is_its_makers_alone(standin: Any) -> None:
    _, path = begin(standin)
    stranger = standin.person()
    assert stranger.get(path).status_code == 404
    assert stranger.put(f"{path}/chunks/0", content=WEBM).status_code == 404
