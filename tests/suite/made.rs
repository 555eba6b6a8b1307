//! Captures made in the tests, for what no recorded one holds.

use std::path::Path;

/// A device that answers ListIdentity, and announces the same name by LLDP.
pub struct Device {
    pub ip: [u8; 4],
    /// Vendor, device type and product code, as the Identity object numbers them.
    pub ids: [u16; 3],
    pub revision: [u8; 2],
    pub serial: u32,
    /// Bytes of the product name, at most 255.
    pub name: Vec<u8>,
}

impl Device {
    /// A communication module of the 1756-EN2T kind, with a name of its own.
    pub fn named(last: u8, name: &[u8]) -> Self {
        let serial = 0x6000_0000 + u32::from(last);
        let ip = [10, 99, 0, last];
        Self { ip, ids: [1, 12, 166], revision: [11, 2], serial, name: name.into() }
    }

    /// A device of a vendor of whom no rule knows more than its number: it is called what it calls itself.
    pub fn stranger(last: u8, name: &[u8]) -> Self {
        Self { ids: [300, 43, 1], ..Self::named(last, name) }
    }

    fn mac(&self) -> [u8; 6] {
        [0x00, 0x1d, 0x9c, 0x99, 0, self.ip[3]]
    }

    /// The Ethernet frame of its LLDP data unit.
    fn announcement(&self) -> Vec<u8> {
        let mut frame = [&[0x01, 0x80, 0xc2, 0, 0, 0x0e][..], &self.mac(), &[0x88, 0xcc]].concat();
        frame.extend([0x02, 7, 4]); // chassis ID: a MAC address
        frame.extend(self.mac());
        frame.extend([0x04, 3, 7, b'0', b'1']); // port ID: a local name
        frame.extend([0x06, 2, 0, 120]); // time to live
        frame.extend([0x0a, self.name.len() as u8]); // system name
        frame.extend(&self.name);
        frame.extend([0x10, 12, 5, 1]); // management address: IPv4
        frame.extend(self.ip);
        frame.extend([1, 0, 0, 0, 0, 0]); // interface, no object identifier
        frame.extend([0, 0]);
        frame
    }

    /// The Ethernet frame of its answer over UDP.
    fn answer(&self) -> Vec<u8> {
        let identity = self.identity();
        let mut message = vec![0x63, 0]; // command: ListIdentity
        message.extend((identity.len() as u16 + 6).to_le_bytes()); // length behind this header
        message.extend([0; 20]); // session, status, sender context, options
        message.extend([1, 0, 0x0c, 0]); // one item, of type Identity
        message.extend((identity.len() as u16).to_le_bytes());
        message.extend(identity);
        let mut frame = [&[2, 0, 0, 0, 0, 1][..], &self.mac(), &[0x08, 0x00, 0x45, 0]].concat();
        frame.extend((message.len() as u16 + 28).to_be_bytes()); // IPv4 total length
        frame.extend([0, 1, 0, 0, 64, 17, 0, 0]);
        frame.extend(self.ip);
        frame.extend([10, 99, 0, 250]);
        frame.extend([0xaf, 0x12, 0xc0, 0x00]); // from port 44818
        frame.extend((message.len() as u16 + 8).to_be_bytes()); // UDP length
        frame.extend([0, 0]);
        frame.extend(message);
        frame
    }

    fn identity(&self) -> Vec<u8> {
        let mut item = vec![1, 0]; // encapsulation version
        item.extend([0, 2, 0xaf, 0x12]); // address family and port
        item.extend(self.ip);
        item.extend([0; 8]);
        item.extend(self.ids.iter().flat_map(|id| id.to_le_bytes()));
        item.extend(self.revision);
        item.extend([0x30, 0]); // status
        item.extend(self.serial.to_le_bytes());
        item.push(self.name.len() as u8);
        item.extend(&self.name);
        item.push(3); // state
        item
    }
}

/// Writes a capture in which each of these devices says what it is, one a second: its answer first, at an odd frame.
pub fn write(path: &Path, devices: &[Device]) {
    let mut file = vec![0xd4, 0xc3, 0xb2, 0xa1, 2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0]; // pcap 2.4, little-endian
    file.extend(65_535_u32.to_le_bytes());
    file.extend(1_u32.to_le_bytes()); // Ethernet
    for (at, device) in (1_700_000_000_u32..).zip(devices) {
        for frame in [device.answer(), device.announcement()] {
            let length = (frame.len() as u32).to_le_bytes();
            file.extend([at.to_le_bytes(), [0; 4], length, length].concat());
            file.extend(frame);
        }
    }
    std::fs::write(path, file).unwrap();
}
