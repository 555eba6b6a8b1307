//! What the machine on the other side has not acknowledged yet: a log server gives no answer, but its TCP does.
//!
//! Linux lists it in `/proc/net/tcp` and `/proc/net/tcp6` (proc_net_tcp in its documentation): local and remote address, state, bytes
//! waiting to be sent or acknowledged. Where that cannot be read, nothing is known.

use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::net::{SocketAddr, TcpStream};

use crate::model::limits::CONNECTION_TABLE_BYTES_MAX;

/// Bytes of a connection that are not acknowledged; `None` where the system does not tell.
pub(super) fn bytes(stream: &TcpStream) -> Option<u64> {
    let (local, peer) = (stream.local_addr().ok()?, stream.peer_addr().ok()?);
    let table = if local.is_ipv4() { "/proc/net/tcp" } else { "/proc/net/tcp6" };
    let rows = BufReader::new(File::open(table).ok()?.take(CONNECTION_TABLE_BYTES_MAX));
    let wanted = (shown(local), shown(peer));
    rows.lines().map_while(Result::ok).find_map(|row| waiting(&row, &wanted))
}

/// `  4: 0100007F:1F90 0100007F:A2C4 01 0000001B:00000000 …`: what waits to be sent, when the row is of this connection.
fn waiting(row: &str, (local, peer): &(String, String)) -> Option<u64> {
    let mut columns = row.split_ascii_whitespace().skip(1);
    if columns.next()? != local || columns.next()? != peer {
        return None;
    }
    let (to_send, _) = columns.nth(1)?.split_once(':')?;
    u64::from_str_radix(to_send, 16).ok()
}

/// As the kernel prints it: words of 32 bits in the order of this machine.
fn shown(address: SocketAddr) -> String {
    let word = |bytes: [u8; 4]| format!("{:08X}", u32::from_ne_bytes(bytes));
    let host = match address {
        SocketAddr::V4(address) => word(address.ip().octets()),
        SocketAddr::V6(address) => {
            let octets = address.ip().octets();
            let (words, _) = octets.as_chunks::<4>();
            words.iter().copied().map(word).collect()
        }
    };
    format!("{host}:{:04X}", address.port())
}

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::net::TcpListener;
    use std::time::{Duration, Instant};

    use super::*;

    #[test]
    fn a_row_of_the_table_is_found_by_both_addresses() {
        let peer: SocketAddr = "127.0.0.1:8080".parse().unwrap();
        let local: SocketAddr = "[::1]:8080".parse().unwrap();
        let little = cfg!(target_endian = "little");
        let (v4, v6) = match little {
            true => ("0100007F:1F90", "00000000000000000000000001000000:1F90"),
            false => ("7F000001:1F90", "00000000000000000000000000000001:1F90"),
        };
        assert_eq!((&*shown(peer), &*shown(local)), (v4, v6));
        let wanted = ("A:1".to_owned(), "B:2".to_owned());
        let row = "   4: A:1 B:2 01 0000001B:00000000 00:00000000 00000000  1000";
        assert_eq!(waiting(row, &wanted), Some(27));
        assert_eq!(waiting("   4: A:1 C:2 01 0000001B:00000000", &wanted), None);
        assert_eq!(waiting("  sl  local_address rem_address", &wanted), None);
    }

    #[test]
    fn what_nobody_takes_is_seen_to_wait() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let mut stream = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        let Some(nothing) = bytes(&stream) else {
            println!("skipped: /proc/net/tcp is not here");
            return;
        };
        assert_eq!(nothing, 0);
        stream.set_nonblocking(true).unwrap();
        let block = vec![0; 1 << 20];
        while stream.write(&block).is_ok() {}
        assert!(bytes(&stream).unwrap() > 0);
        let (mut peer, _) = listener.accept().unwrap();
        std::thread::spawn(move || std::io::copy(&mut peer, &mut std::io::sink()));
        let deadline = Instant::now() + Duration::from_secs(30);
        while bytes(&stream) != Some(0) && Instant::now() < deadline {
            std::thread::sleep(Duration::from_millis(10));
        }
        assert_eq!(bytes(&stream), Some(0));
    }
}
