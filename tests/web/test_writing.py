import sys
from pathlib import Path

import pytest
from corpus.samples import prose, toy_pdf
from toys import write_files

from qa_service.snapshot import build_lock, current_id
from qa_service.web.app import create_app
from qa_service.web.builder import Builder
from web.living import Living
from web.test_problems import problem_of
from web.test_routes import ask
from web.toy_service import TOY_ENGLISH

NEWS = "# News\n\nThe comet was seen on 3 March 1919 over Baku.\n"
SEEN = 'When was the comet seen: "3 March 1919"?'
BUILD = (
    "id",
    "state",
    "stage",
    "done",
    "total",
    "message",
    "report",
    "snapshot",
    "started",
    "ended",
)


@pytest.fixture
def living(tmp_path: Path) -> Living:
    return Living(tmp_path)


def test_an_upload_is_answered_from(living: Living) -> None:
    accepted = living.upload("News of 1919.md", NEWS)
    assert tuple(accepted.json()) == BUILD
    build = living.ended(accepted)
    assert (build["state"], build["report"], build["stage"]) == ("published", [], None)
    assert (build["done"], build["total"]) == (3, 3)
    assert build["started"] <= build["ended"]
    assert build["snapshot"] == current_id(living.index_dir)
    reply = ask(living.client, SEEN)
    assert reply["answers"][0]["text"] == "3 March 1919"
    assert reply["answers"][0]["citations"][0]["document_id"] == "News-of-1919"


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("scan.pdf", toy_pdf([prose(["The comet was seen."])])),
        ("page.html", "<html lang=en><body><p>The comet was seen.</p></body></html>"),
        ("plain.txt", "The comet was seen."),
    ],
)
def test_every_kind_can_be_uploaded_and_had_back(
    living: Living, name: str, content: str | bytes
) -> None:
    assert living.ended(living.upload(name, content))["state"] == "published"
    original = living.client.get(f"/documents/{Path(name).stem}/original")
    assert original.content == (content if isinstance(content, bytes) else content.encode())
    assert original.headers["content-type"] == "application/octet-stream"
    assert original.headers["content-disposition"] == f'attachment; filename="{name}"'
    assert original.headers["x-content-type-options"] == "nosniff"


def test_a_title_and_a_language_are_kept_beside_it_and_stay(living: Living) -> None:
    living.ended(living.upload("news.txt", "Comet.", title="Komēta: “1919”", language="lv"))
    document = living.client.get("/documents/news").json()
    assert (document["title"], document["language"]) == ("Komēta: “1919”", "lv")
    living.ended(living.upload("news.txt", "Another comet.", language="en"))
    document = living.client.get("/documents/news").json()
    assert (document["title"], document["language"]) == ("Komēta: “1919”", "en")
    assert document["text"] == "Another comet."


def test_what_a_sidecar_says_beside_them_is_kept(living: Living) -> None:
    write_files(living.corpus, {"a.txt": "A.", "a.txt.yaml": "id: the-a\nmood: calm\n"})
    living.ended(living.upload("a.txt", "B.", title="The B"))
    document = living.client.get("/documents/the-a").json()
    assert (document["title"], document["text"]) == ("The B", "B.")
    assert document["metadata"] == {"mood": "calm"}


def test_a_file_of_its_name_is_replaced(living: Living) -> None:
    living.ended(living.upload("news.md", NEWS))
    living.ended(living.upload("news.md", NEWS.replace("3 March", "4 March")))
    assert living.listed() == ["news", "toy-en", "toy-lv"]
    assert not ask(living.client, SEEN)["answered"]
    assert ask(living.client, SEEN.replace("3", "4"))["answered"]


def test_the_same_upload_again_changes_nothing(living: Living) -> None:
    first = living.ended(living.upload("news.md", NEWS))
    second = living.ended(living.upload("news.md", NEWS))
    assert (second["state"], second["snapshot"]) == ("unchanged", first["snapshot"])


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("../../../etc/news.md", "news.md"),
        ("C:\\Users\\news.md", "news.md"),
        (".news.md", "news.md"),
        ("a/../b/news.md", "news.md"),
    ],
)
def test_a_name_leads_nowhere_else(living: Living, name: str, kept: str) -> None:
    living.ended(living.upload(name, NEWS))
    files = sorted(path.name for path in living.corpus.rglob("*"))
    assert files == sorted(["en.md", "lv.md", kept])


@pytest.mark.parametrize(
    ("name", "content", "form", "told"),
    [
        ("a.exe", b"MZ\x90", {}, "a.exe: files of the kind '.exe' cannot be read"),
        ("a.md.yaml", "id: x", {}, "files of the kind '.yaml'"),
        ("a.pdf", b"no pdf", {}, "a.pdf: is named .pdf and looks like text"),
        ("a.pdf", b"%PDF-1.7\n" + b"\xff" * 900, {}, "a.pdf: is a damaged PDF"),
        ("a.md", b"caf\xe9", {}, "a.md: byte 3 is not UTF-8"),
        ("a.md", b"", {}, "a.md: holds no text"),
        ("...", b"x", {}, "no usable name"),
        ("x" * 300 + ".md", b"x", {}, "longer than 200 bytes"),
        ("a.md", b"x", {"title": "x" * 301}, "title: String should have at most 300"),
        ("a.md", b"x", {"language": "english"}, "language: String should match pattern"),
    ],
)
def test_what_a_build_could_not_read_is_refused_and_not_kept(
    living: Living, name: str, content: bytes, form: dict[str, str], told: str
) -> None:
    assert told in problem_of(living.upload(name, content, **form), 422)["detail"]
    assert sorted(path.name for path in living.corpus.iterdir()) == ["en.md", "lv.md"]
    assert living.client.get("/index").json()["builds"] == []


def test_an_id_of_another_file_is_refused_with_the_mend(living: Living) -> None:
    detail = problem_of(living.upload("other.md", "---\nid: toy-en\n---\nText."), 409)["detail"]
    assert "'toy-en' is taken by 'en.md'" in detail
    assert not (living.corpus / "other.md").exists()


def test_a_body_too_large_is_refused(tmp_path: Path) -> None:
    living = Living(tmp_path, max_file_bytes=1_000)
    detail = problem_of(living.upload("a.txt", "x" * 1_001), 422)["detail"]
    assert "1,001 bytes are more than the 1,000" in detail
    problem_of(living.upload("a.txt", "x" * 20_000), 413)
    assert living.ended(living.upload("a.txt", "x" * 1_000))["state"] == "published"


@pytest.mark.parametrize(
    ("content_type", "body", "status"),
    [
        ("application/json", b'{"file": "x"}', 422),
        ("multipart/form-data", b"x", 400),
        ("multipart/form-data; boundary=b", b"x" * 500, 400),
        ("multipart/form-data; boundary=b", b"--b\r\n\r\n" * 50, 400),
        ("multipart/form-data; boundary=b", b"--b--\r\n", 422),
    ],
)
def test_what_is_no_upload_is_a_problem(
    living: Living, content_type: str, body: bytes, status: int
) -> None:
    headers = {"Content-Type": content_type}
    problem_of(living.client.post("/documents", content=body, headers=headers), status)


def test_an_empty_service_is_filled_by_uploads(tmp_path: Path) -> None:
    living = Living(tmp_path, empty=True)
    index = living.client.get("/index").json()
    assert (index["snapshot"], index["documents"], index["builds"]) == (None, 0, [])
    assert (index["encoder"], index["writable"], index["snapshots"]) == (None, True, [])
    documents = living.client.get("/documents").json()
    assert (documents["documents"], documents["snapshot"]) == ([], None)
    asked = living.client.post("/ask", json={"question": SEEN})
    assert "POST /documents" in problem_of(asked, 503)["detail"]
    assert living.ended(living.upload("news.md", NEWS))["state"] == "published"
    assert living.listed() == ["news"]
    assert ask(living.client, SEEN)["answered"]
    assert living.client.get("/index").json()["snapshots"][0]["current"]


def test_an_upload_whose_build_fails_stays_for_the_next_one(living: Living) -> None:
    failing = Builder(living.index_dir, [sys.executable, "-c", "raise SystemExit(1)"])
    client = living.client_of(create_app(living.live, living.settings, failing))
    accepted = client.post("/documents", files={"file": ("news.md", NEWS)})
    assert living.ended(accepted)["state"] == "failed"
    assert (living.corpus / "news.md").read_text() == NEWS
    assert living.ended(living.client.post("/index/builds"))["state"] == "published"
    assert ask(living.client, SEEN)["answered"]


def test_a_corpus_that_cannot_be_written_is_told(living: Living) -> None:
    (living.corpus / "news.md").mkdir()  # no file can take its place
    detail = problem_of(living.upload("news.md", NEWS), 503)["detail"]
    assert "cannot be changed (Is a directory)" in detail
    assert [path.name for path in living.corpus.iterdir() if path.name.startswith(".")] == []


def test_a_deleted_document_is_gone_at_once_for_every_worker(living: Living) -> None:
    other = living.client_of(living.worker()[1])
    citations = ask(living.client, 'Was it on "28 May 1918"?')["answers"][0]["citations"]
    pause = living.pause()
    accepted = living.client.delete("/documents/toy-en")
    for client in (living.client, other):
        assert not ask(client, 'Was it on "28 May 1918"?')["answered"]
        problem_of(client.get("/documents/toy-en"), 404)
        problem_of(client.get("/documents/toy-en/original"), 404)
        [verdict] = client.post("/verify", json={"citations": citations}).json()
        assert verdict["status"] == "gone"
        index = client.get("/index").json()
        assert (index["documents"], index["snapshots"][0]["documents"]) == (1, 2)
    assert not (living.corpus / "en.md").exists()
    problem_of(living.client.delete("/documents/toy-en"), 404)
    pause.unlink()
    assert living.ended(accepted)["state"] == "published"
    assert living.listed() == ["toy-lv"]


def test_a_deleted_document_stays_away_after_a_rollback_and_can_come_back(living: Living) -> None:
    living.ended(living.client.delete("/documents/toy-en"))
    rolled = living.client.post("/index/rollback", json={"snapshot": None}).json()
    assert (rolled["documents"], living.listed()) == (1, ["toy-lv"])
    living.ended(living.upload("en.md", TOY_ENGLISH))
    assert living.listed() == ["toy-en", "toy-lv"]


def test_a_sidecar_goes_with_its_document(living: Living) -> None:
    living.ended(living.upload("news.txt", "Comet.", title="Comets"))
    assert (living.corpus / "news.txt.yaml").exists()
    living.ended(living.client.delete("/documents/news"))
    assert sorted(path.name for path in living.corpus.iterdir()) == ["en.md", "lv.md"]


def test_a_document_whose_file_is_gone_can_be_deleted(living: Living) -> None:
    (living.corpus / "en.md").unlink()
    detail = problem_of(living.client.get("/documents/toy-en/original"), 404)["detail"]
    assert "no longer has the file 'en.md'" in detail
    assert living.ended(living.client.delete("/documents/toy-en"))["state"] == "published"


def test_the_last_document_can_be_deleted(living: Living) -> None:
    living.ended(living.client.delete("/documents/toy-en"))
    build = living.ended(living.client.delete("/documents/toy-lv"))
    assert build["state"] == "failed"
    assert "holds no document" in build["message"]
    assert living.listed() == []
    assert not ask(living.client, "When?")["answered"]


def test_a_report_is_shown_shut_in(living: Living) -> None:
    problem_of(living.client.get("/report"), 404)
    (living.index_dir / "report.html").write_text("<p>R@1 0.66<script>alert(1)</script>")
    assert living.client.get("/index").json()["report"] is True
    report = living.client.get("/report")
    assert report.text.startswith("<p>R@1 0.66")
    policy = report.headers["content-security-policy"].split("; ")
    assert {"default-src 'none'", "sandbox", "frame-ancestors 'none'"} < set(policy)
    assert not any(part.startswith("script-src") for part in policy)
    assert report.headers["x-content-type-options"] == "nosniff"


def test_a_link_out_of_the_corpus_is_no_original(living: Living, tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("secret")
    (living.corpus / "en.md").unlink()
    (living.corpus / "en.md").symlink_to(secret)
    problem_of(living.client.get("/documents/toy-en/original"), 404)
    living.ended(living.client.delete("/documents/toy-en"))
    assert secret.read_text() == "secret"


def test_a_file_that_cannot_be_read_is_reported_and_keeps_nothing_else_out(living: Living) -> None:
    write_files(living.corpus, {"bad.md": b"\xff", "news.md": NEWS})
    build = living.ended(living.client.post("/index/builds"))
    assert build["state"] == "published"
    assert [line.split(":")[0] for line in build["report"]] == ["bad.md"]
    assert living.listed() == ["news", "toy-en", "toy-lv"]


def test_builds_that_wait_are_one(living: Living) -> None:
    pause = living.pause()
    write_files(living.corpus, {"a.md": "A new text."})
    first = living.client.post("/index/builds")
    running = living.wait_for(first.headers["location"], "running")
    assert running["started"]
    second = living.upload("news.md", NEWS)
    third = living.upload("more.md", NEWS)
    assert second.json()["id"] == third.json()["id"] != first.json()["id"]
    assert third.json()["state"] == "waiting"
    pause.unlink()
    assert living.ended(first)["state"] == "published"
    assert living.ended(third)["state"] == "published"
    assert living.listed() == ["a", "more", "news", "toy-en", "toy-lv"]


def test_a_question_is_answered_while_a_build_runs(living: Living) -> None:
    pause = living.pause()
    write_files(living.corpus, {"a.md": "A new text."})
    accepted = living.client.post("/index/builds")
    living.wait_for(accepted.headers["location"], "running")
    assert ask(living.client, 'Was it on "28 May 1918"?')["answered"]
    pause.unlink()
    living.ended(accepted)


def test_the_index_tells_what_is_served(living: Living) -> None:
    index = living.client.get("/index").json()
    first = living.live.manifest
    assert index == {
        "snapshot": first.id,
        "created": first.created,
        "documents": 2,
        "passages": first.passages,
        "encoder": "toy",
        "writable": True,
        "report": False,
        "snapshots": [
            {
                "id": first.id,
                "created": first.created,
                "documents": 2,
                "passages": first.passages,
                "current": True,
            }
        ],
        "builds": [],
    }
    build = living.ended(living.upload("news.md", NEWS))
    index = living.client.get("/index").json()
    assert [snapshot["current"] for snapshot in index["snapshots"]] == [True, False]
    assert (index["documents"], index["builds"]) == (3, [build])


def test_a_rollback_serves_the_one_before_and_forward_again(living: Living) -> None:
    first = living.live.manifest.id
    second = living.ended(living.upload("news.md", NEWS))["snapshot"]
    back = living.client.post("/index/rollback", json={"snapshot": None})
    assert back.status_code == 200
    assert (back.json()["snapshot"], living.listed()) == (first, ["toy-en", "toy-lv"])
    forward = living.client.post("/index/rollback", json={"snapshot": second}).json()
    assert forward == living.client.get("/index").json()
    assert [(s["id"], s["current"]) for s in forward["snapshots"]] == [
        (second, True),
        (first, False),
    ]


@pytest.mark.parametrize("wanted", [None, "yesterday", "../..", "\0"])
def test_what_cannot_be_rolled_back_to_is_a_conflict(living: Living, wanted: str | None) -> None:
    response = living.client.post("/index/rollback", json={"snapshot": wanted})
    assert "is the only Snapshot" in problem_of(response, 409)["detail"]
    problem_of(living.client.post("/index/rollback", json={"snapshots": "x"}), 422)


def test_a_rollback_during_a_build_is_refused(living: Living) -> None:
    living.ended(living.upload("news.md", NEWS))
    with build_lock(living.index_dir):
        response = living.client.post("/index/rollback", json={})
    assert "Another build" in problem_of(response, 409)["detail"]


@pytest.mark.parametrize("build_id", ["x", "20261130T000000000000Z", "..%2Fcurrent"])
def test_an_unknown_build_is_not_found(living: Living, build_id: str) -> None:
    problem_of(living.client.get(f"/index/builds/{build_id}"), 404)
