"""A BACnet device, or an operator station that asks one; run by record.py in a namespace."""

import asyncio
import sys

from bacpypes3.apdu import (
    DeviceCommunicationControlRequest, ErrorRejectAbortNack, ReinitializeDeviceRequest,
    WhoHasObject, WhoHasRequest,
)
from bacpypes3.app import Application
from bacpypes3.local.analog import AnalogValueObject
from bacpypes3.local.device import DeviceObject
from bacpypes3.local.networkport import NetworkPortObject
from bacpypes3.pdu import Address, GlobalBroadcast
from bacpypes3.primitivedata import ObjectIdentifier

DEVICES = {
    "ba-station": dict(objectIdentifier=("device", 901), objectName="OPERATOR-1", vendorIdentifier=999, maxApduLengthAccepted=206),
    "ba-ahu": dict(objectIdentifier=("device", 2007), objectName="NAE-AHU-7", vendorIdentifier=5, vendorName="Johnson Controls, Inc.",
                   modelName="JCI NAE5510-2U", firmwareRevision="9.0.7.3306", applicationSoftwareVersion="9.0.7.3306",
                   description="Air handling units, paint shop", location="Roof 2", serialNumber="NAE55-0042117"),
    "ba-pxc": dict(objectIdentifier=("device", 2101), objectName="PXC-BOILER", vendorIdentifier=7, vendorName="Siemens Building Technologies Ltd.",
                   modelName="Siemens BACnet Field Panel", firmwareRevision="FW=3.5.1.84", applicationSoftwareVersion="PME1300", location="Boiler house"),
}
PROPERTIES = ["object-name", "vendor-name", "vendor-identifier", "model-name", "firmware-revision", "application-software-version", "description",
              "location", "protocol-version", "protocol-revision", "system-status", "serial-number", "max-apdu-length-accepted",
              "segmentation-supported", "object-list", "protocol-services-supported", "protocol-object-types-supported"]


def application(name, address):
    what = dict(DEVICES[name])
    objects = [DeviceObject(**what), NetworkPortObject(f"{address}/24", objectIdentifier=("network-port", 1), objectName="NetworkPort-1")]
    if name != "ba-station":
        objects.append(AnalogValueObject(objectIdentifier=("analog-value", 1), objectName="SUPPLY-AIR-SP", presentValue=18.5, units="degrees-celsius",
                                         statusFlags=[0, 0, 0, 0], eventState="normal", outOfService=False))
    return Application.from_object_list(objects)


async def serve(name, address):
    app = application(name, address)
    print("ready", flush=True)
    await asyncio.sleep(60)
    app.close()


async def attempt(what):
    try:
        return await what
    except ErrorRejectAbortNack as no:
        print(type(no).__name__, no, flush=True)


async def ask(address, *targets):
    app = application("ba-station", address)
    await asyncio.sleep(0.2)
    print(await app.who_is(timeout=1), flush=True)
    for name, target in zip(("ba-ahu", "ba-pxc"), targets):
        device, where = ObjectIdentifier(DEVICES[name]["objectIdentifier"]), Address(target)
        await attempt(app.read_property(where, device, "model-name"))
        print(len(str(await attempt(app.read_property_multiple(where, [device, PROPERTIES])))), flush=True)
        await attempt(app.read_property(where, ObjectIdentifier("analog-value,1"), "present-value"))
        await attempt(app.write_property(where, ObjectIdentifier("analog-value,1"), "present-value", 19.5))
        await attempt(app.request(ReinitializeDeviceRequest(reinitializedStateOfDevice="warmstart", password="b0iler-h0use", destination=where)))
        await attempt(app.request(DeviceCommunicationControlRequest(timeDuration=1, enableDisable="disable", password="b0iler-h0use", destination=where)))
    has = WhoHasRequest(object=WhoHasObject(objectName="SUPPLY-AIR-SP"), destination=GlobalBroadcast())
    await attempt(asyncio.wait_for(app.request(has), 1))
    await asyncio.sleep(0.5)
    app.close()


if __name__ == "__main__":
    asyncio.run(serve(*sys.argv[2:]) if sys.argv[1] == "serve" else ask(*sys.argv[2:]))
