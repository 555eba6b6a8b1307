#!/usr/bin/env python3
"""Write ws_discovery/cameras.pcap: two cameras in the words of ONVIF, and a proxy that answers for another."""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "tools"))

from plan import device  # noqa: E402
from wire import Wire  # noqa: E402

CASES = {
    "cameras.pcap": ("A recorder looks for cameras; one answers with its scopes, one says hello in version 1.1, a proxy answers for a third.", "", ["ws_discovery"]),
}

GROUP = ("239.255.255.250", "01:00:5e:7f:ff:fa")
DRAFT, OASIS = "http://schemas.xmlsoap.org/ws/2005/04/discovery", "http://docs.oasis-open.org/ws-dd/ns/discovery/2009/01"


def envelope(namespace, action, body):
    return (f'<?xml version="1.0" encoding="UTF-8"?>\n<SOAP-ENV:Envelope xmlns:SOAP-ENV="http://www.w3.org/2003/05/soap-envelope" '
            f'xmlns:wsa="http://schemas.xmlsoap.org/ws/2004/08/addressing" xmlns:d="{namespace}" xmlns:dn="http://www.onvif.org/ver10/network/wsdl" '
            f'xmlns:tds="http://www.onvif.org/ver10/device/wsdl"><SOAP-ENV:Header><wsa:MessageID>urn:uuid:73000000-0000-4000-8000-00000000ffff</wsa:MessageID>'
            f"<wsa:Action>{namespace}/{action}</wsa:Action></SOAP-ENV:Header><SOAP-ENV:Body>{body}</SOAP-ENV:Body></SOAP-ENV:Envelope>").encode()


def matched(number, address, scopes):
    return (f"<wsa:EndpointReference><wsa:Address>urn:uuid:73000000-0000-4000-8000-{number:012x}</wsa:Address></wsa:EndpointReference>"
            f"<d:Types>dn:NetworkVideoTransmitter tds:Device</d:Types><d:Scopes>{' '.join('onvif://www.onvif.org/' + scope for scope in scopes)}</d:Scopes>"
            f"<d:XAddrs>http://{address}/onvif/device_service</d:XAddrs><d:MetadataVersion>1</d:MetadataVersion>")


def main():
    wire = Wire("2026-03-02T06:00:00")
    recorder, first, second, proxy = (device(name) for name in ("wd-recorder", "wd-camera", "wd-camera2", "wd-proxy"))
    wire.udp(recorder, recorder, 40_200, 3702, envelope(DRAFT, "Probe", "<d:Probe><d:Types>dn:NetworkVideoTransmitter</d:Types></d:Probe>"),
             target_ip=GROUP[0], target_mac=GROUP[1])
    body = matched(1, first.ip, ["type/video_encoder", "Profile/Streaming", "hardware/AX-1615", "name/Gate%207%20north", "location/Hall%207"])
    wire.udp(first, recorder, 3702, 40_200, envelope(DRAFT, "ProbeMatches", f"<d:ProbeMatches><d:ProbeMatch>{body}</d:ProbeMatch></d:ProbeMatches>"))
    body = matched(3, "10.73.8.99", ["hardware/BX-2", "name/Tower"])
    wire.udp(proxy, recorder, 3702, 40_200, envelope(DRAFT, "ProbeMatches", f"<d:ProbeMatches><d:ProbeMatch>{body}</d:ProbeMatch></d:ProbeMatches>"))
    wire.wait(5)
    wire.udp(second, second, 3702, 3702, envelope(OASIS, "Hello", f"<d:Hello>{matched(2, second.ip, ['hardware/CX-3', 'name/Pump%20house'])}</d:Hello>"),
             target_ip=GROUP[0], target_mac=GROUP[1])
    wire.save("ws_discovery/cameras.pcap")


if __name__ == "__main__":
    main()
