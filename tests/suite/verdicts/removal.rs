//! What is not known never makes a device safe: without any observation or any part of a document, verdicts move only towards
//! cannot tell.
