//! Asset and advisory to verdict; pure.
