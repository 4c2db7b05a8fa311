//! group-worker
