#!/usr/bin/env python3
"""Record opcua/: the server of opcua-asyncio, asked by its own client.

`record.py` records all cases, `record.py <case>` one. `record.py serve` and `record.py ask` are what it starts inside
the namespaces.
"""

import asyncio
import datetime
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "tools"))

import plan  # noqa: E402

ASYNCUA = "asyncua 2.1.0 as server and client"
CASES = {
    "asyncua-session.pcap": (
        "opcua-asyncio's client asks its server: endpoints, servers, status and build, namespaces, a device's nameplate by browsing; a subscription; "
        "it writes and calls; what it may not do, and a user name, is refused. Nothing is secured.", ASYNCUA, ["opcua"]),
    "asyncua-secured.pcap": ("The same server by Basic256Sha256: endpoints in the clear, then a channel that is signed and encrypted.", ASYNCUA, ["opcua"]),
}


async def serve(address, home, secured):
    from asyncua import Server, ua
    from asyncua.crypto.cert_gen import setup_self_signed_certificate
    from cryptography.x509.oid import ExtendedKeyUsageOID

    server = Server()
    await server.init()
    server.set_endpoint(f"opc.tcp://{address}:4840/cell/")
    server.set_server_name("Cell 7 data server")
    await server.set_application_uri("urn:cell7.plant.example:data-server")
    if secured:
        home = pathlib.Path(home)
        await setup_self_signed_certificate(home / "key.pem", home / "cert.der", "urn:cell7.plant.example:data-server", address,
                                            [ExtendedKeyUsageOID.SERVER_AUTH], {"countryName": "DE", "organizationName": "plant"})
        await server.load_certificate(home / "cert.der")
        await server.load_private_key(home / "key.pem")
        server.set_security_policy([ua.SecurityPolicyType.NoSecurity, ua.SecurityPolicyType.Basic256Sha256_SignAndEncrypt])
    else:
        server.set_security_policy([ua.SecurityPolicyType.NoSecurity])
    await server.set_build_info("urn:plant.example:cell-server", "Plant Automation", "Cell Data Server", "3.2.1", "1187",
                                datetime.datetime(2025, 4, 1, 12, tzinfo=datetime.timezone.utc))
    space = await server.register_namespace("http://opcfoundation.org/UA/DI/")
    device = await server.nodes.objects.add_object(space, "DeviceSet")
    device = await device.add_object(space, "Drive 3")
    for name, value in (("Manufacturer", ua.LocalizedText("Plant Automation")), ("Model", ua.LocalizedText("PA-D3 servo drive")), ("SerialNumber", "PA000731"),
                        ("HardwareRevision", "B"), ("SoftwareRevision", "2.4.0"), ("DeviceRevision", "7"), ("OrderNumber", "PA-D3-400")):
        await device.add_property(space, name, value)
    speed = await device.add_variable(space, "Speed", 12.5)
    await speed.set_writable()

    @__import__("asyncua").uamethod
    def reset(_parent):
        return True

    await device.add_method(space, "Reset", reset, [], [ua.VariantType.Boolean])
    async with server:
        while True:
            await asyncio.sleep(1)


class Heard:
    def datachange_notification(self, *_):
        pass


async def ask(address, home, secured):
    from asyncua import Client, ua
    from asyncua.crypto.cert_gen import setup_self_signed_certificate
    from cryptography.x509.oid import ExtendedKeyUsageOID

    url = f"opc.tcp://{address}:4840/cell/"
    if secured:
        client = Client(url)
        await client.connect_and_get_server_endpoints()
        home = pathlib.Path(home)
        client = Client(url)
        client.application_uri = "urn:eng-07.plant.example:asyncua"
        await setup_self_signed_certificate(home / "client-key.pem", home / "client.der", client.application_uri, "eng-07",
                                            [ExtendedKeyUsageOID.CLIENT_AUTH], {"organizationName": "plant"})
        await client.set_security_string(f"Basic256Sha256,SignAndEncrypt,{home}/client.der,{home}/client-key.pem")
        async with client:
            print(await client.get_node(ua.ObjectIds.Server_ServerStatus_BuildInfo).read_value())
        return
    client = Client(url)
    await client.connect_and_find_servers()
    client = Client(url)
    client.name = "asyncua at ENG-07"
    async with client:
        print(await client.get_node(ua.ObjectIds.Server_ServerStatus).read_value(), await client.get_namespace_array())
        space = await client.get_namespace_index("http://opcfoundation.org/UA/DI/")
        drive = await client.nodes.objects.get_child([f"{space}:DeviceSet", f"{space}:Drive 3"])
        properties = await drive.get_properties()
        print(await client.read_values(properties))
        speed = await drive.get_child(f"{space}:Speed")
        subscription = await client.create_subscription(200, Heard())
        await subscription.subscribe_data_change(speed)
        await speed.write_value(13.5)
        await asyncio.sleep(0.5)
        await subscription.delete()
        print(await drive.call_method(f"{space}:Reset"))
        for refused in (client.get_node(ua.ObjectIds.Server).call_method(ua.NodeId(12886), ua.Variant(4, ua.VariantType.Int32)),
                        client.nodes.objects.add_object(space, "Left over"), client.delete_nodes([drive])):
            try:
                await refused
            except Exception as error:  # what the server refuses is recorded like the rest
                print(error)
    client = Client(url)
    client.set_user("operator-7")
    client.set_password("n0t-t0-be-kept")
    try:
        async with client:
            pass
    except Exception as error:
        print(error)


def case(file, server, secured):
    import lab

    with lab.Lab(f"opcua/{file}", ["ua-client", server]) as net:
        words = [plan.device(server).ip, net.home, secured]
        net.start(server, sys.executable, __file__, "serve", *words)
        net.listens(server, 4840)
        print(net.run("ua-client", sys.executable, __file__, "ask", *words))


RECORDINGS = {
    "asyncua-session": lambda: case("asyncua-session.pcap", "ua-python", ""),
    "asyncua-secured": lambda: case("asyncua-secured.pcap", "ua-secured", "secured"),
}


if __name__ == "__main__":
    if sys.argv[1:2] in (["serve"], ["ask"]):
        asyncio.run(globals()[sys.argv[1]](*sys.argv[2:]))
    else:
        import lab

        lab.main(RECORDINGS)
