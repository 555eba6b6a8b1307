//! One frame into layers, stateless, never fails.
