import pytest


@pytest.mark.parametrize(
    "path", ["/media/nowhere", "/media/x/y/z", "/learn/lessons/1/watched", "/media/1/p/master.m3u8"]
)
def test_x(learner, path):
    before = learner.cookie()
    r = learner.get(path)
    print(path, r.status_code, r.headers.getlist("Set-Cookie"))
    assert learner.cookie()["_user_id"] == before["_user_id"]
    assert learner.get("/learn/notes").status_code == 200
