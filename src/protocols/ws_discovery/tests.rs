use super::*;
use crate::flow::Direction::{ToClient, ToServer};
use crate::protocols::harness;

fn envelope(action: &str, body: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?><s:Envelope xmlns:s=\"http://www.w3.org/2003/05/soap-envelope\" \
         xmlns:d=\"http://schemas.xmlsoap.org/ws/2005/04/discovery\"><s:Header><a:MessageID>urn:uuid:9</a:MessageID>\
         <a:Action>http://schemas.xmlsoap.org/ws/2005/04/discovery/{action}</a:Action></s:Header><s:Body>{body}</s:Body></s:Envelope>"
    )
}

fn matched(address: &str) -> String {
    envelope(
        "ProbeMatches",
        &format!(
            "<d:ProbeMatches><d:ProbeMatch><a:EndpointReference><a:Address>urn:uuid:5f5a69c2</a:Address></a:EndpointReference>\
             <d:Types>dn:NetworkVideoTransmitter tds:Device</d:Types>\
             <d:Scopes>onvif://www.onvif.org/name/AXIS%20Q1615 onvif://www.onvif.org/hardware/Q1615-E onvif://www.onvif.org/location/Gate%207</d:Scopes>\
             <d:XAddrs>http://{address}/onvif/device_service</d:XAddrs></d:ProbeMatch></d:ProbeMatches>"
        ),
    )
}

fn told(message: &str) -> Vec<String> {
    let lines = harness::read(&PROTOCOL, true, &[(ToClient, message.as_bytes())]).lines();
    lines.iter().map(|line| line.split(" @").next().unwrap().to_owned()).collect()
}

#[test]
fn a_camera_says_what_it_is() {
    assert_eq!(
        told(&matched("10.0.0.2")),
        [
            "10.0.0.2  ws_discovery.endpoint_reference = urn:uuid:5f5a69c2",
            "10.0.0.2  ws_discovery.type = NetworkVideoTransmitter",
            "10.0.0.2  ws_discovery.type = Device",
            "10.0.0.2  ws_discovery.transport_address = http://10.0.0.2/onvif/device_service",
            "10.0.0.2  ws_discovery.scope = onvif://www.onvif.org/name/AXIS%20Q1615",
            "10.0.0.2  ws_discovery.onvif_name = AXIS Q1615",
            "10.0.0.2  ws_discovery.scope = onvif://www.onvif.org/hardware/Q1615-E",
            "10.0.0.2  ws_discovery.onvif_hardware = Q1615-E",
            "10.0.0.2  ws_discovery.scope = onvif://www.onvif.org/location/Gate%207",
            "10.0.0.2  ws_discovery.onvif_location = Gate 7",
        ]
    );
}

#[test]
fn the_bytes_of_a_value_are_those_of_its_part() {
    let message = matched("10.0.0.2");
    let lines = harness::read(&PROTOCOL, true, &[(ToClient, message.as_bytes())]).lines();
    let at = message.find("Q1615-E").unwrap();
    assert_eq!(lines[7], format!("10.0.0.2  ws_discovery.onvif_hardware = Q1615-E @{at}+7"));
}

#[test]
fn a_proxy_answers_for_others() {
    let message = matched("10.0.0.9");
    let listener = harness::read(&PROTOCOL, true, &[(ToClient, message.as_bytes())]);
    assert!(listener.said.is_empty());
    assert_eq!(listener.counted, ["ws_discovery.messages_about_others"]);
}

#[test]
fn who_searches_is_told_with_what_for_and_a_bye_says_nothing() {
    let search =
        envelope("Probe", "<d:Probe><d:Types>dn:NetworkVideoTransmitter</d:Types></d:Probe>");
    let listener = harness::read(&PROTOCOL, true, &[(ToServer, search.as_bytes())]);
    assert_eq!(listener.acts()[0], 1);
    assert!(listener.lines()[0].contains("ws_discovery.searched_type = NetworkVideoTransmitter"));
    let bye = matched("10.0.0.2").replace("/ProbeMatches</a:Action>", "/Bye</a:Action>");
    assert!(told(&bye).is_empty());
}

#[test]
fn markup_of_the_protocol_is_recognised_on_any_port() {
    assert_eq!(probe(matched("10.0.0.2").as_bytes()), Probe::Yes);
    assert_eq!(probe(b"<html></html>"), Probe::No);
    assert_eq!(probe(b"NOTIFY * HTTP/1.1\r\n"), Probe::No);
}
