"""Letters and webhooks to real servers: what arrives, what is not sent to whom cannot be trusted, what waits."""

import datetime as dt
import json
import uuid
from types import SimpleNamespace

import pytest

from alerting import channels, config
from alerting.channels import Unsent, signature
from alerting.config import Config, Mail, Recipient, Webhook
from connectors import credentials
from pipeline.settings import Settings
from tests import mailserver, webserver
from tests.webserver import Reply

BODY = {"text": "原因\ncause", "html": "<p>原因</p>", "document": {"subject": "s", "opened": []}}
TO = ("duty@example.org", "second@example.org")
NOW = dt.datetime(2026, 11, 22, 8, tzinfo=dt.UTC)


@pytest.fixture
def settings(tmp_path):
    return Settings(tmp_path, "", "", 0, "", SimpleNamespace())


def mail_to(server, **how):
    return Mail("127.0.0.1", server.port, sender="flyover@example.org", **{"security": "none", **how})


def post(settings, mail, message_id=None, to=TO):
    told_by, recipient = Config(mail=mail), Recipient("engineers", to)
    return channels.send(settings, told_by, recipient, "mail", message_id or uuid.uuid4(), "告警 alert", BODY, NOW)


def test_letter_arrives_in_plain_text_and_html_to_the_whole_group(settings):
    message_id = uuid.uuid4()
    with mailserver.new().running() as server:
        assert post(settings, mail_to(server), message_id) is None
    (letter,) = server.letters
    assert server.recipients == [list(TO)]
    assert letter["Subject"] == "告警 alert"
    assert letter["Message-ID"] == f"<{message_id}@example.org>"
    assert mailserver.text_of(letter).split() == ["原因", "cause"]
    assert "<p>原因</p>" in mailserver.text_of(letter, "html")


def test_starttls_and_login_with_the_kept_secret(settings, tmp_path):
    ca, tls = webserver.authority(tmp_path)
    credentials.put(settings, config.OURS, config.MAIL_PASSWORD, mailserver.PASSWORD)
    with mailserver.new(tls=tls, needs_login=True).running() as server:
        post(settings, mail_to(server, security="starttls", ca_file=str(ca), user=mailserver.USER))
        credentials.put(settings, config.OURS, config.MAIL_PASSWORD, "wrong")
        with pytest.raises(Unsent, match="answers 535") as refused:
            post(settings, mail_to(server, security="starttls", ca_file=str(ca), user=mailserver.USER))
    assert len(server.letters) == 1
    assert "wrong" not in str(refused.value)


def test_tls_from_the_first_byte(settings, tmp_path):
    ca, tls = webserver.authority(tmp_path)
    with mailserver.new(tls=tls, implicit=True).running() as server:
        post(settings, mail_to(server, security="tls", ca_file=str(ca)))
    assert len(server.letters) == 1


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_server_no_one_vouches_for_gets_no_letter(settings, tmp_path, security):
    _, tls = webserver.authority(tmp_path)
    server = mailserver.new(tls=tls, implicit=security == "tls")
    with server.running(), pytest.raises(Unsent, match="unable to get local issuer certificate"):
        post(settings, mail_to(server, security=security))
    assert server.letters == []


def test_server_without_starttls_gets_no_letter(settings):
    with mailserver.new().running() as server, pytest.raises(Unsent):
        post(settings, mail_to(server, security="starttls"))
    assert server.letters == []


def test_login_without_a_kept_secret_names_the_command(settings, tmp_path):
    ca, tls = webserver.authority(tmp_path)
    server = mailserver.new(tls=tls, needs_login=True)
    with server.running(), pytest.raises(Unsent, match=r"\./flyover alerts secret mail_password"):
        post(settings, mail_to(server, security="starttls", ca_file=str(ca), user=mailserver.USER))


def test_refused_addresses_are_counted_and_not_named(settings):
    server = mailserver.new()
    server.refused.add(TO[0])
    with server.running():
        flaw = post(settings, mail_to(server))
        assert flaw == "the mail server refuses 1 of 2 addresses"
        server.refused.add(TO[1])
        with pytest.raises(Unsent, match="refuses all 2 addresses"):
            post(settings, mail_to(server))
    assert server.recipients == [[TO[1]]]


def hook(settings, url):
    told_by = Config(webhooks={"duty": Webhook("duty", url, timeout_s=2)})
    recipient = Recipient("engineers", webhooks=("duty",))
    return channels.send(settings, told_by, recipient, "duty", uuid.uuid4(), "s", BODY, NOW)


def test_webhook_gets_json_with_a_signature_it_can_check(settings):
    credentials.put(settings, config.OURS, "duty_key", "k")
    with webserver.serving(lambda asked: Reply(204, b"")) as server:
        hook(settings, f"{server.url}/hooks/flyover")
    (asked,) = server.asked
    document = json.loads(asked.body)
    assert document["opened"] == []
    assert asked.headers["x-flyover-message"] == document["message_id"]
    stamp = asked.headers["x-flyover-timestamp"]
    assert asked.headers["x-flyover-signature"] == signature("k", stamp, asked.body)
    assert signature("k", stamp, asked.body) != signature("k", stamp, asked.body + b" ")


@pytest.mark.parametrize("status", [302, 400, 500])
def test_webhook_that_does_not_take_it_leaves_it_unsent(settings, status):
    credentials.put(settings, config.OURS, "duty_key", "k")
    elsewhere = Reply(status, headers=(("Location", "/elsewhere"),))
    with webserver.serving(lambda asked: elsewhere) as server, pytest.raises(Unsent, match=f"answers {status}"):
        hook(settings, server.url)
    assert len(server.asked) == 1, "no redirect is followed"


def test_webhook_without_a_key_is_not_called(settings):
    without = r"\./flyover alerts secret duty_key"
    with webserver.serving(lambda asked: Reply()) as server, pytest.raises(Unsent, match=without):
        hook(settings, server.url)
    assert server.asked == []
