//! Caps of the readers of IEC 60870 and IEC 61850.

/// Common addresses that are told of one way of a connection: a concentrator speaks for some hundred stations.
pub const IEC104_STATIONS_MAX: usize = 1_024;
