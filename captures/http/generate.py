#!/usr/bin/env python3
"""Generate what no program at hand can play: web servers of devices, WinRM with a machine account, a proxy."""

import base64
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "tools"))

import plan  # noqa: E402
import say_smb as say  # noqa: E402
from wire import Wire  # noqa: E402

CASES = {
    "device-web-servers.pcap": ("A browser at the web servers of four devices: a page title, realms of Basic and Digest, a GoAhead server "
                                "with a page in chunks.", "", ["http"]),
    "winrm.pcap": ("WinRM on port 5985: NTLM inside SPNEGO, sent by a machine's own account.", "", ["http"]),
    "proxy.pcap": ("A browser behind a proxy that asks for a password: what the server behind it says is not the proxy's; then a tunnel.",
                   "", ["http"]),
}

AGENT = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:115.0) Gecko/20100101 Firefox/115.0"


def request(target, *fields, method="GET", body=b""):
    lines = [f"{method} {target} HTTP/1.1", *fields]
    return "\r\n".join([*lines, "", ""]).encode() + body


def response(status, *fields, body=b""):
    length = [] if body.startswith(b"3\r\n") else [f"Content-Length: {len(body)}"]
    return "\r\n".join([f"HTTP/1.1 {status}", *fields, *length, "", ""]).encode() + body


def page(title):
    return f"<html>\r\n<head>\r\n<title>{title}</title>\r\n</head>\r\n<body></body>\r\n</html>\r\n".encode()


def devices(client):
    wire = Wire("2026-03-02T12:00:00")

    def visit(host, *exchanges):
        server = plan.device(host)
        with wire.tcp(client, server, 80) as conversation:
            for target, fields, answer in exchanges:
                conversation.ask(request(target, f"Host: {server.ip}", f"User-Agent: {AGENT}", *fields))
                conversation.answer(answer)
        wire.wait(5)

    visit("ht-s7", ("/Default.mwsl", (), response("200 OK", "Content-Type: text/html; charset=utf-8", body=page("SIMATIC&nbsp;1200&nbsp;station_1"))))
    visit("ht-moxa", ("/", (), response("200 OK", "Server: MoxaHttp/1.0", "Content-Type: text/html", body=page("Moxa Web Console"))))
    digest = 'Digest realm="Schneider-WEB", nonce="6b1d", qop="auth", algorithm=MD5'
    answer = 'Authorization: Digest username="operator", realm="Schneider-WEB", nonce="6b1d", uri="/secure", response="0123"'
    visit("ht-m340", ("/secure", (), response("401 Unauthorized", "Server: Schneider-WEB", f"WWW-Authenticate: {digest}", body=page("401"))),
          ("/secure", (answer,), response("200 OK", "Server: Schneider-WEB", "Content-Type: text/html", body=page("Schneider Electric M340"))))
    chunks = b"3\r\n<ht\r\n2c\r\nml><head><title>late</title></head></html>\r\n\r\n0\r\n\r\n"
    visit("ht-goahead", ("/", (), response("401 Unauthorized", "Server: GoAhead-Webs", 'WWW-Authenticate: Basic realm="Controller"')),
          ("/", ("Authorization: Basic aW52ZW50ZWQ6aW52ZW50ZWQ=",),
           response("200 OK", "Server: GoAhead-Webs", "Transfer-Encoding: chunked", "Content-Type: text/html", body=chunks)))
    wire.save("http/device-web-servers.pcap")


def winrm(client):
    server = plan.device("ht-iis")
    wire = Wire("2026-03-02T12:10:00")
    words = "Server: Microsoft-HTTPAPI/2.0"
    fields = [f"Host: {server.ip}:5985", "User-Agent: Microsoft WinRM Client", "Content-Type: application/soap+xml;charset=UTF-8"]

    def token(data):
        return "Negotiate " + base64.b64encode(data).decode()

    with wire.tcp(client, server, 5985) as conversation:
        conversation.ask(request("/wsman", *fields, "Content-Length: 0", f"Authorization: {token(say.spnego_init(say.ntlm_negotiate(client.says)))}", method="POST"))
        challenge = token(say.spnego_targ(1, say.ntlm_challenge(server.says, wire.now)))
        conversation.answer(response("401 ", words, f"WWW-Authenticate: {challenge}"))
        authenticate = token(say.spnego_targ(None, say.ntlm_authenticate(client.says, client.says["name"] + "$")))
        body = b"<s:Envelope/>"
        conversation.ask(request("/wsman", *fields, f"Content-Length: {len(body)}", f"Authorization: {authenticate}", method="POST", body=body))
        conversation.answer(response("200 ", words, f"WWW-Authenticate: {token(say.spnego_targ(0, b''))}", body=body))
    wire.wait(5)
    with wire.tcp(client, server, 80) as conversation:
        conversation.ask(request("/", f"Host: report01.plant.example", f"User-Agent: {AGENT}"))
        conversation.answer(response("200 OK", "Server: Microsoft-IIS/10.0", "X-Powered-By: ASP.NET", "X-AspNet-Version: 4.0.30319",
                                     "Content-Type: text/html", body=page("IIS Windows Server")))
    wire.save("http/winrm.pcap")


def proxy(client):
    server = plan.device("ht-proxy")
    wire = Wire("2026-03-02T12:20:00")
    via = "Via: 1.1 gw.plant.example (squid/5.7)"
    with wire.tcp(client, server, 3128) as conversation:
        target, host = "http://vendor.example/firmware.html", "Host: vendor.example"
        conversation.ask(request(target, host, f"User-Agent: {AGENT}"))
        conversation.answer(response("407 Proxy Authentication Required", "Server: squid/5.7", 'Proxy-Authenticate: Basic realm="Plant gateway"', via))
        conversation.ask(request(target, host, f"User-Agent: {AGENT}", "Proxy-Authorization: Basic aW52ZW50ZWQ6aW52ZW50ZWQ="))
        conversation.answer(response("200 OK", "Server: Apache/2.4.57", "Content-Type: text/html", via, body=page("Firmware of a vendor")))
        conversation.ask(request("vendor.example:443", "Host: vendor.example:443", "Proxy-Authorization: Basic aW52ZW50ZWQ6aW52ZW50ZWQ=", method="CONNECT"))
        conversation.answer(b"HTTP/1.1 200 Connection established\r\n\r\n")
    wire.save("http/proxy.pcap")


def main():
    client = plan.device("ht-client")
    devices(client)
    winrm(client)
    proxy(client)


if __name__ == "__main__":
    main()
