#!/usr/bin/env python3
"""Record http/: nginx, BusyBox httpd, and a small server that asks for NTLM in the words of IIS and WinRM."""

import base64
import http.server
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "tools"))

import plan  # noqa: E402

CASES = {
    "nginx.pcap": ("Pages with a title, whole and in chunks, HEAD, a part, a page not modified, a form, and one behind a password; the server is "
                   "asked by name on port 80 and on port 8088.", "nginx 1.22.1; curl 7.88.1", ["http"]),
    "busybox-httpd.pcap": ("A page behind a password on port 8080.", "BusyBox httpd 1.35; curl 7.88.1", ["http"]),
    "ntlm.pcap": ("NTLM in WWW-Authenticate and Authorization: twice three messages of curl and of python-requests.",
                  "record.py in the words of IIS 10; curl 7.88.1 and requests-ntlm 1.3 as clients", ["http"]),
}

USER, PASSWORD = "operator", "invented-4711"


def record_nginx():
    import lab

    with lab.Lab("http/nginx.pcap", ["ht-client", "ht-nginx"]) as net:
        home = net.home
        pages = home / "pages"
        (pages / "line4").mkdir(parents=True)
        (pages / "index.html").write_text("<!DOCTYPE html>\n<html>\n<head>\n<meta charset=\"utf-8\">\n<title>Filling line 4 &ndash; overview &amp; alarms</title>\n"
                                          "</head>\n<body>\n<p>All quiet.</p>\n</body>\n</html>\n")
        (pages / "shift.shtml").write_text("<html><head><title>Shift book</title></head><body><!--#echo var=\"DATE_LOCAL\" --></body></html>\n")
        (pages / "line4" / "index.html").write_text("<html><head><title>Recipes</title></head></html>\n")
        (pages / "data.json").write_text("{\"pressure\": 4.7}\n" * 40)
        (home / "passwords").write_text(f"{USER}:{{PLAIN}}{PASSWORD}\n")
        for path in (home, pages, pages / "line4", *pages.rglob("*"), home / "passwords"):
            path.chmod(0o755)
        (home / "nginx.conf").write_text(f"""
            daemon off; master_process off; pid {home}/pid; error_log /dev/null;
            events {{}}
            http {{
                types {{ text/html html shtml; application/json json; }}
                access_log off; client_body_temp_path {home}/body; proxy_temp_path {home}/proxy; fastcgi_temp_path {home}/fastcgi;
                uwsgi_temp_path {home}/uwsgi; scgi_temp_path {home}/scgi;
                server {{
                    listen 80; listen 8088; root {pages};
                    location / {{ ssi on; }}
                    location /line4/ {{ auth_basic "Recipes of line 4"; auth_basic_user_file {home}/passwords; }}
                    location /form {{ return 204; }}
                }}
            }}
        """)
        net.start("ht-nginx", "nginx", "-c", home / "nginx.conf", "-p", home)
        net.listens("ht-nginx", 80)
        address = plan.device("ht-nginx").ip
        curl = ["curl", "-s", "-S", "--resolve", f"line4.plant.example:80:{address}"]
        net.run("ht-client", *curl, "http://line4.plant.example/", "http://line4.plant.example/shift.shtml", "http://line4.plant.example/data.json")
        net.run("ht-client", *curl, "-I", f"http://{address}/")
        net.run("ht-client", *curl, "-r", "0-20", f"http://{address}/index.html")
        net.run("ht-client", *curl, "-z", "2099-01-01", f"http://{address}/index.html")
        net.run("ht-client", *curl, "-d", "pressure=4.7", f"http://{address}/form?key=invented")
        net.run("ht-client", *curl, f"http://{address}/line4/")
        net.run("ht-client", *curl, "-u", f"{USER}:{PASSWORD}", f"http://{address}/line4/")
        net.run("ht-client", *curl, "-A", "Panel/2.1", "-b", "session=invented", f"http://{address}:8088/data.json")


def record_busybox():
    import lab

    with lab.Lab("http/busybox-httpd.pcap", ["ht-client", "ht-busybox"]) as net:
        (net.home / "index.html").write_text("<html><head><title>Pump station 2</title></head><body></body></html>\n")
        (net.home / "httpd.conf").write_text(f"/:{USER}:{PASSWORD}\n")
        net.start("ht-busybox", "busybox", "httpd", "-f", "-p", "8080", "-h", net.home, "-c", net.home / "httpd.conf", "-r", "Pump station 2")
        net.listens("ht-busybox", 8080)
        address = plan.device("ht-busybox").ip
        net.run("ht-client", "curl", "-s", f"http://{address}:8080/")
        net.run("ht-client", "curl", "-s", "-u", f"{USER}:{PASSWORD}", f"http://{address}:8080/")


# ---- NTLM ------------------------------------------------------------------------------------------------------


class Internet(http.server.BaseHTTPRequestHandler):
    """Asks for NTLM and accepts every answer: only the words on the wire matter."""

    protocol_version = "HTTP/1.1"
    server_version, sys_version = "Microsoft-IIS/10.0", ""
    words = {}

    def do_GET(self):
        import say_smb

        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        scheme, _, token = self.headers.get("Authorization", "").partition(" ")
        kind = base64.b64decode(token)[8:9] if token else b""
        page = b"<html><head><title>Shift reports</title></head><body></body></html>" if kind == b"\x03" else b""
        self.send_response(200 if page else 401)
        self.send_header("Content-Type", "text/html")
        self.send_header("X-Powered-By", "ASP.NET")
        if kind == b"\x01":
            challenge = base64.b64encode(say_smb.ntlm_challenge(self.words, 1_772_445_600_000_000)).decode()
            self.send_header("WWW-Authenticate", f"{scheme} {challenge}")
        elif not page:
            self.send_header("WWW-Authenticate", "Negotiate")
            self.send_header("WWW-Authenticate", "NTLM")
        self.send_header("Content-Length", str(len(page)))
        self.end_headers()
        self.wfile.write(page)

    do_POST = do_GET

    def log_message(self, *_):
        pass


def serve(host, port):
    Internet.words = plan.device(host).says
    http.server.ThreadingHTTPServer(("0.0.0.0", int(port)), Internet).serve_forever()


def ask(url):
    import requests
    import requests_ntlm

    print(requests.get(url, auth=requests_ntlm.HttpNtlmAuth(f"PLANT\\{USER}", PASSWORD), timeout=10).status_code)


def record_ntlm():
    import lab

    with lab.Lab("http/ntlm.pcap", ["ht-client", "ht-iis"]) as net:
        net.start("ht-iis", sys.executable, __file__, "serve", "ht-iis", 80)
        net.listens("ht-iis", 80)
        url = f"http://{plan.device('ht-iis').ip}/reports"
        net.run("ht-client", "curl", "-s", "-S", "--ntlm", "-u", f"PLANT\\{USER}:{PASSWORD}", url)
        print(net.run("ht-client", sys.executable, __file__, "ask", url))


RECORDINGS = {"nginx": record_nginx, "busybox-httpd": record_busybox, "ntlm": record_ntlm}


if __name__ == "__main__":
    if sys.argv[1:2] == ["serve"]:
        serve(*sys.argv[2:])
    elif sys.argv[1:2] == ["ask"]:
        ask(*sys.argv[2:])
    else:
        import lab

        lab.main(RECORDINGS)
