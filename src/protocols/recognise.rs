//! From first bytes to a protocol: the protocols expected on the port first, then those that are sure.
