"""Web Push against a real local HTTP endpoint: what arrives is decrypted by RFC 8291 itself."""

from __future__ import annotations

import json
import os
import threading
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from tests.integration.test_reminders import NINE_BERLIN

from surcease.web.diary import push
from surcease.web.diary.models import PushSubscription, Reminder, ReminderPlan
from surcease.web.diary.remind import remind
from surcease.web.home import Home

pytestmark = pytest.mark.django_db


def b64(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


def unb64(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


class Phone:
    """A browser's half of the keys, and the push service it gave the address of."""

    def __init__(self) -> None:
        self.key, self.auth = ec.generate_private_key(ec.SECP256R1()), os.urandom(16)
        self.came: list[tuple[dict[str, str], bytes]] = []
        self.answers_with = 201
        phone = self

        class Door(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                phone.came.append(({k.lower(): v for k, v in self.headers.items()}, body))
                self.send_response(phone.answers_with)
                self.end_headers()

            def log_message(self, *words: Any) -> None:
                """Silent."""

        self.server = HTTPServer(("127.0.0.1", 0), Door)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.endpoint = f"http://127.0.0.1:{self.server.server_port}/push/abc"

    @property
    def public(self) -> bytes:
        return self.key.public_key().public_bytes(
            serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint
        )

    def address(self) -> dict[str, Any]:
        return {"endpoint": self.endpoint, "keys": {"p256dh": b64(self.public), "auth": b64(self.auth)}}

    def read(self, body: bytes) -> dict[str, Any]:
        """RFC 8291 section 3.4 and RFC 8188 section 2, step by step."""
        return json.loads(decrypt(self.key, self.public, self.auth, body))


def decrypt(key: Any, own_public: bytes, auth: bytes, body: bytes) -> bytes:
    salt, length = body[:16], body[20]
    sender, cipher = body[21 : 21 + length], body[21 + length :]
    shared = key.exchange(ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), sender))
    material = hkdf(shared, auth, b"WebPush: info\0" + own_public + sender, 32)
    key16 = hkdf(material, salt, b"Content-Encoding: aes128gcm\0", 16)
    nonce = hkdf(material, salt, b"Content-Encoding: nonce\0", 12)
    plain = AESGCM(key16).decrypt(nonce, cipher, None)
    return plain.rstrip(b"\0")[:-1]  # the delimiter 2 ends the last record


def hkdf(secret: bytes, salt: bytes, info: bytes, length: int) -> bytes:
    return HKDF(algorithm=hashes.SHA256(), length=length, salt=salt, info=info).derive(secret)


def test_the_tests_own_decryption_reads_the_rfc_s_example():
    """RFC 8291, appendix A: the message that its keys decrypt."""
    number = int.from_bytes(unb64("q1dXpw3UpT5VOmu_cf_v6ih07Aems3njxI-JWgLcM94"), "big")
    key = ec.derive_private_key(number, ec.SECP256R1())
    public = unb64("BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4")
    body = unb64(
        "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6Tlz"
        "AC8wEqKK6PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"
    )
    assert decrypt(key, public, unb64("BTBZMqHH6r4Tts7J_aSIgg"), body) == b"When I grow up, I want to be a watermelon"


@pytest.fixture
def phone(monkeypatch: pytest.MonkeyPatch, settings: Any, tmp_path: Any) -> Iterator[Phone]:
    settings.HOME = Home.at(tmp_path / "home")
    found = Phone()
    monkeypatch.setenv("SURCEASE_PUSH_ALSO", "http://127.0.0.1:")
    push.make_keys("clinic@example.test")
    yield found
    found.server.shutdown()


@pytest.fixture
def subscribed(world: Any, client_as: Any, phone: Phone) -> ReminderPlan:
    answer = client_as("patient").post(
        "/diary/reminders/subscribe/", json.dumps(phone.address()), content_type="application/json"
    )
    assert answer.status_code == 201
    return ReminderPlan.objects.create(patient=world.patient, times=["21:00"], by_mail=False, by_push=True)


def test_from_schedule_to_answer_every_step_is_in_the_ledger(subscribed, phone, world, client_as, client):
    from tests.integration.test_diary_sync import post, sent

    assert remind(NINE_BERLIN) == 1
    (headers, body), *others = phone.came
    assert not others
    assert headers["content-encoding"] == "aes128gcm"
    assert int(headers["ttl"]) > 0
    said = phone.read(body)
    assert said["title"] == "Your minute"
    assert not any(word in json.dumps(said).lower() for word in ("pain", "ketamine", "lindqvist", "clinic"))
    row = Reminder.objects.get(why="evening")
    assert (row.channel, row.sent_at is not None, row.displayed_at) == ("push", True, None)
    # the phone shows it: nobody is signed in at that moment
    shown = client.post(said["displayed_url"], json.dumps({"reminder": said["reminder"]}), "application/json")
    assert shown.status_code == 204
    row.refresh_from_db()
    first = row.displayed_at
    assert first is not None
    client.post(said["displayed_url"], json.dumps({"reminder": said["reminder"]}), "application/json")
    post(client_as("patient"), sent(world.now, pain=5))
    row.refresh_from_db()
    assert row.displayed_at == first
    assert row.answered_at is not None


def test_the_sender_signs_with_the_clinic_s_own_key(subscribed, phone):
    remind(NINE_BERLIN)
    words = phone.came[0][0]["authorization"].removeprefix("vapid ")
    parts = dict(part.strip().split("=", 1) for part in words.split(","))
    head, body, signature = parts["t"].split(".")
    claims = json.loads(unb64(body))
    assert claims["sub"] == "mailto:clinic@example.test"
    assert phone.endpoint.startswith(claims["aud"])
    assert parts["k"] == push.public_key()
    raw = unb64(signature)
    der = encode_dss_signature(int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big"))
    key = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), unb64(parts["k"]))
    key.verify(der, f"{head}.{body}".encode(), ec.ECDSA(hashes.SHA256()))  # raises when it is not


def test_a_phone_that_is_gone_is_not_called_again(subscribed, phone):
    phone.answers_with = 410
    assert remind(NINE_BERLIN) == 0
    assert Reminder.objects.get(why="evening").failed == "phone is gone"
    assert PushSubscription.objects.get().ended_at is not None
    phone.answers_with = 201
    assert remind(NINE_BERLIN + timedelta(minutes=9)) == 0
    assert len(phone.came) == 1


def test_a_service_in_trouble_is_tried_again_and_then_expires(subscribed, phone):
    phone.answers_with = 503
    assert remind(NINE_BERLIN) == 0
    assert "503" in Reminder.objects.get(why="evening").failed
    remind(NINE_BERLIN + timedelta(hours=9))
    row = Reminder.objects.get(key__contains="evening:2026-03-02")
    assert row.expired_at is not None
    assert row.sent_at is None


@pytest.mark.parametrize(
    "endpoint",
    [
        "http://fcm.googleapis.com/fcm/send/x", "https://fcm.googleapis.com.evil.test/x", "https://evil.test/x",
        "https://169.254.169.254/latest", "https://user@fcm.googleapis.com/x", "https://fcm.googleapis.com:8443/x",
        Path("/etc/passwd").as_uri(), "",
    ],
)  # fmt: skip
def test_only_the_browsers_own_services_are_called(endpoint, world, client_as, phone, monkeypatch):
    monkeypatch.delenv("SURCEASE_PUSH_ALSO")
    body = phone.address() | {"endpoint": endpoint}
    answer = client_as("patient").post("/diary/reminders/subscribe/", json.dumps(body), "application/json")
    assert answer.status_code == 400
    assert not PushSubscription.objects.exists()


@pytest.mark.parametrize(
    "endpoint",
    ["https://fcm.googleapis.com/fcm/send/x", "https://updates.push.services.mozilla.com/wpush/v2/x",
     "https://web.push.apple.com/x", "https://wns2-par02p.notify.windows.com/w/?token=x"],
)  # fmt: skip
def test_the_browsers_own_services_are_known(endpoint, monkeypatch):
    monkeypatch.delenv("SURCEASE_PUSH_ALSO", raising=False)
    assert push.allowed(endpoint)


@pytest.mark.parametrize("word", ["", "x", "x:y:z", None, 5])
def test_a_word_that_is_not_ours_says_nothing(word, client, phone):
    body = json.dumps({"reminder": word})
    assert client.post("/diary/displayed/", body, "application/json").status_code == 404
    assert client.post("/diary/displayed/", "[", "application/json").status_code == 404


def test_without_keys_nothing_is_offered_and_nothing_kept(world, client_as, settings, tmp_path):
    settings.HOME = Home.at(tmp_path / "home")
    me = client_as("patient")
    assert "On this phone" not in me.get("/diary/reminders/").content.decode()
    answer = me.post("/diary/reminders/subscribe/", "{}", "application/json")
    assert "does not push" in answer.json()["said"]


def test_keys_are_made_once(phone):
    with pytest.raises(ValueError, match="already"):
        push.make_keys("other@example.test")
