//! What a tick of a pcapng interface's clock is worth: `if_tsresol` and `if_tsoffset`,
//! draft-ietf-opsawg-pcapng-03, section 4.2.

use crate::model::Timestamp;
use crate::model::time::NANOS_PER_SECOND;

use super::record::ByteOrder;

/// From ticks to nanoseconds since the epoch.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Resolution {
    tick: Tick,
    offset_nanos: i64,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Tick {
    /// So many nanoseconds.
    Nanoseconds(u64),
    /// So many to a nanosecond.
    PerNanosecond(u64),
    /// Two to the power of minus this, in seconds; `0..=127`.
    PowerOfTwo(u32),
}

impl Resolution {
    /// Reads the options of an Interface Description Block. Damaged options end the list; what was read stays.
    pub(super) fn from_options(order: ByteOrder, mut options: &[u8]) -> Self {
        let mut resolution = Self { tick: Tick::Nanoseconds(1_000), offset_nanos: 0 };
        while let Some((&[c0, c1, l0, l1], rest)) = options.split_first_chunk() {
            let length = usize::from(order.u16([l0, l1]));
            let Some(value) = rest.get(..length) else { break };
            match order.u16([c0, c1]) {
                OPTION_END => break,
                OPTION_TIME_RESOLUTION => {
                    if let Some(&resolution_byte) = value.first() {
                        resolution.tick = Tick::new(resolution_byte);
                    }
                }
                OPTION_TIME_OFFSET => {
                    if let Some(&seconds) = value.first_chunk::<8>() {
                        let seconds = match order {
                            ByteOrder::Little => i64::from_le_bytes(seconds),
                            ByteOrder::Big => i64::from_be_bytes(seconds),
                        };
                        resolution.offset_nanos = seconds.saturating_mul(NANOS_PER_SECOND);
                    }
                }
                _ => {}
            }
            options = rest.get(length.next_multiple_of(4)..).unwrap_or_default();
        }
        resolution
    }

    /// The time that a packet's two timestamp words mean.
    #[inline]
    pub(super) fn timestamp(self, ticks: u64) -> Timestamp {
        let nanoseconds = match self.tick {
            Tick::Nanoseconds(worth) => ticks.saturating_mul(worth),
            Tick::PerNanosecond(count) => ticks.checked_div(count).unwrap_or(0),
            Tick::PowerOfTwo(power) => {
                let scaled =
                    u128::from(ticks).saturating_mul(NANOS_PER_SECOND.unsigned_abs().into());
                u64::try_from(scaled.checked_shr(power).unwrap_or(0)).unwrap_or(u64::MAX)
            }
        };
        let nanoseconds = i64::try_from(nanoseconds).unwrap_or(i64::MAX);
        Timestamp(nanoseconds.saturating_add(self.offset_nanos))
    }
}

impl Tick {
    /// High bit clear: a negative power of ten; set: a negative power of two.
    fn new(if_tsresol: u8) -> Self {
        let power = u32::from(if_tsresol & 0x7f);
        if if_tsresol & 0x80 != 0 {
            return Self::PowerOfTwo(power);
        }
        match NANO_POWER.checked_sub(power) {
            Some(coarser) => Self::Nanoseconds(10_u64.saturating_pow(coarser)),
            // Ticks so short that 64 bits of them are no nanosecond count as zero, and so does the quotient.
            None => {
                let finer = power.saturating_sub(NANO_POWER);
                Self::PerNanosecond(10_u64.checked_pow(finer).unwrap_or(0))
            }
        }
    }
}

const OPTION_END: u16 = 0;
const OPTION_TIME_RESOLUTION: u16 = 9;
const OPTION_TIME_OFFSET: u16 = 14;
/// A nanosecond is ten to the power of minus this, in seconds.
const NANO_POWER: u32 = 9;

#[cfg(test)]
mod tests {
    use super::*;

    fn of(if_tsresol: u8) -> Resolution {
        Resolution::from_options(ByteOrder::Little, &[9, 0, 1, 0, if_tsresol, 0, 0, 0])
    }

    #[test]
    fn a_microsecond_is_the_default() {
        assert_eq!(Resolution::from_options(ByteOrder::Big, &[]).timestamp(3), Timestamp(3_000));
    }

    #[test]
    fn reads_powers_of_ten() {
        assert_eq!(of(0).timestamp(2), Timestamp(2_000_000_000));
        assert_eq!(of(3).timestamp(2), Timestamp(2_000_000));
        assert_eq!(of(9).timestamp(2), Timestamp(2));
        assert_eq!(of(12).timestamp(2_999), Timestamp(2));
        assert_eq!(of(127).timestamp(u64::MAX), Timestamp(0));
    }

    #[test]
    fn reads_powers_of_two() {
        assert_eq!(of(0x80).timestamp(7), Timestamp(7_000_000_000));
        assert_eq!(of(0x8a).timestamp(512), Timestamp(500_000_000));
        assert_eq!(of(0xff).timestamp(u64::MAX), Timestamp(0));
    }

    #[test]
    fn a_time_beyond_the_range_stays_at_its_end() {
        assert_eq!(of(0).timestamp(u64::MAX), Timestamp(i64::MAX));
    }

    #[test]
    fn adds_the_offset_in_seconds() {
        let offset = [14, 0, 8, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff];
        let resolution = Resolution::from_options(ByteOrder::Little, &offset);
        assert_eq!(resolution.timestamp(1_500_000), Timestamp(500_000_000));
    }

    #[test]
    fn a_cut_option_ends_the_list() {
        let cut = [9, 0, 1, 0, 9, 0, 0, 0, 14, 0, 8, 0, 1];
        assert_eq!(Resolution::from_options(ByteOrder::Little, &cut), of(9));
    }
}
