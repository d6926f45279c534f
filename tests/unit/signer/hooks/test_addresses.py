"""Which addresses a webhook may have: the ones that must never be reached come first."""

import pytest

from signer.errors import WebhookRefused
from signer.hooks.addresses import AddressRules, Target

NOBODY = AddressRules(())
LOOPBACK = AddressRules(("127.0.0.0/8", "::1/128"))
INSIDE = AddressRules(("10.20.0.0/16", "fd12:3456::/32"))

NEVER = [
    "0.0.0.0",  # noqa: S104 - never listened on
    "0.1.2.3",
    "10.0.0.1",
    "100.64.0.1",
    "100.100.100.200",  # metadata of a cloud
    "127.0.0.1",
    "127.255.255.254",
    "168.63.129.16",  # metadata of a cloud, on a public address
    "169.254.0.1",
    "169.254.169.254",  # metadata of most clouds
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.1",
    "192.0.2.1",
    "192.88.99.1",
    "192.168.1.1",
    "198.18.0.1",
    "198.51.100.1",
    "203.0.113.1",
    "224.0.0.1",
    "239.255.255.250",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::127.0.0.1",
    "::8.8.8.8",  # IPv4-compatible, abolished
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "::ffff:169.254.169.254",
    "::ffff:0:127.0.0.1",
    "64:ff9b::7f00:1",  # NAT64 of 127.0.0.1
    "64:ff9b::808:808",
    "64:ff9b:1::1",
    "100::1",
    "2001::1",  # Teredo
    "2001:db8::1",
    "2002:7f00:1::",  # 6to4 of 127.0.0.1
    "2002:808:808::1",
    "3fff::1",
    "5f00::1",
    "fc00::1",
    "fd00:ec2::254",  # metadata of a cloud
    "fe80::1",
    "fe80::1%eth0",
    "fec0::1",
    "ff02::1",
    "not an address",
    "",
]


@pytest.mark.parametrize("address", NEVER)
def test_nobodys_address_is_reached_unless_it_is_public(address: str) -> None:
    assert not NOBODY.permit(address)


@pytest.mark.parametrize("address", ["8.8.8.8", "103.10.20.30", "::ffff:8.8.8.8", "2001:4860:4860::8888"])
def test_public_addresses_are_reached(address: str) -> None:
    assert NOBODY.permit(address)


@pytest.mark.parametrize(
    ("rules", "address", "permitted"),
    [
        (INSIDE, "10.20.1.2", True),
        (INSIDE, "::ffff:10.20.1.2", True),
        (INSIDE, "10.21.0.1", False),
        (INSIDE, "127.0.0.1", False),
        (INSIDE, "fd12:3456::5", True),
        (INSIDE, "fd12:3457::5", False),
        (LOOPBACK, "127.0.0.1", True),
        (LOOPBACK, "::1", True),
        (LOOPBACK, "::ffff:127.0.0.1", True),
        (LOOPBACK, "169.254.169.254", False),
    ],
)
def test_an_operator_names_networks_of_the_house(rules: AddressRules, address: str, permitted: bool) -> None:
    assert rules.permit(address) is permitted


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("", "not-an-address"),
        ("https://", "not-an-address"),
        ("https:///x", "not-an-address"),
        ("//contoh.go.id/x", "not-an-address"),
        ("ftp://contoh.go.id/", "not-an-address"),
        ("file:///etc/passwd", "not-an-address"),
        ("gopher://contoh.go.id/", "not-an-address"),
        ("javascript:alert(1)", "not-an-address"),
        ("https://user:secret@contoh.go.id/", "not-an-address"),
        ("https://contoh.go.id@127.0.0.1/", "not-an-address"),
        ("https://contoh.go.id\\@127.0.0.1/", "not-an-address"),
        ("https://contoh.go.id/#x", "not-an-address"),
        ("https://contoh.go.id/a b", "not-an-address"),
        ("https://contoh.go.id/\r\nHost: x", "not-an-address"),
        ("https://contoh.go.id/é", "not-an-address"),
        ("https://cøntoh.go.id/", "not-an-address"),
        ("https://contoh..go.id/", "not-an-address"),
        ("https://-contoh.go.id/", "not-an-address"),
        ("https://contoh.go.id./", "not-an-address"),
        ("https://[::1/", "not-an-address"),
        ("https://[fe80::1%25eth0]/", "not-an-address"),
        ("https://contoh.go.id:0/", "port"),
        ("https://contoh.go.id:22/", "port"),
        ("https://contoh.go.id:65536/", "port"),
        ("https://contoh.go.id:99999999/", "not-an-address"),
        ("https://" + "a" * 600 + ".id/", "not-an-address"),
        ("http://contoh.go.id/hook", "not-encrypted"),
        ("http://10.20.1.2/hook", "not-encrypted"),
        ("http://127.0.0.1:9000/hook", "not-encrypted"),
        ("http://localhost:9000/hook", "not-encrypted"),
        ("https://127.0.0.1/", "address"),
        ("https://10.0.0.1/", "address"),
        ("https://169.254.169.254/latest/meta-data/", "address"),
        ("https://[::1]/", "address"),
        ("https://[::ffff:127.0.0.1]/", "address"),
        ("https://[64:ff9b::7f00:1]/", "address"),
        ("https://localhost/", "address"),
        ("https://LOCALHOST/", "address"),
        ("https://app.localhost/", "address"),
        ("https://127.1/", "not-an-address"),
        ("https://2130706433/", "not-an-address"),
        ("https://0x7f000001/", "not-an-address"),
        ("https://0x7f.1/", "not-an-address"),
        ("https://0177.0.0.1/", "not-an-address"),
        ("https://127.0.0.01/", "not-an-address"),
    ],
)
def test_what_is_no_good_is_refused_when_it_is_said(url: str, reason: str) -> None:
    with pytest.raises(WebhookRefused) as refused:
        NOBODY.target(url)
    assert (refused.value.field, refused.value.reason) == ("url", reason)


def test_what_is_good_is_taken_apart_once() -> None:
    assert NOBODY.target("https://Surat.contoh.go.id/hook?office=1") == Target(
        scheme="https", host="surat.contoh.go.id", port=443, path="/hook?office=1"
    )
    assert NOBODY.target("https://contoh.go.id:8443").path == "/"
    assert NOBODY.target("https://[2001:4860:4860::8888]:8443/x").host == "2001:4860:4860::8888"
    assert LOOPBACK.target("http://127.0.0.1:9000/hook").port == 9000
    assert LOOPBACK.target("http://localhost:9000/hook").host == "localhost"
    assert INSIDE.target("https://10.20.1.2/hook").host == "10.20.1.2"


def test_without_tls_nothing_leaves_this_machine() -> None:
    for rules in (INSIDE, LOOPBACK):
        with pytest.raises(WebhookRefused):
            rules.target("http://10.20.1.2/hook")
    plain = LOOPBACK.target("http://localhost:9000/hook")
    assert LOOPBACK.reachable(plain, ["127.0.0.1"]) == ("127.0.0.1",)
    assert LOOPBACK.reachable(plain, ["8.8.8.8"]) == ()


def test_one_bad_address_of_a_name_is_enough() -> None:
    named = NOBODY.target("https://contoh.go.id/")
    assert NOBODY.reachable(named, ["8.8.8.8", "2001:4860:4860::8888"]) == ("8.8.8.8", "2001:4860:4860::8888")
    assert NOBODY.reachable(named, ["8.8.8.8", "127.0.0.1"]) == ()
    assert NOBODY.reachable(named, []) == ()


def test_networks_that_are_none_are_not_taken() -> None:
    with pytest.raises(ValueError, match=r"10\.0\.0\.1/8"):
        AddressRules(("10.0.0.1/8",))
