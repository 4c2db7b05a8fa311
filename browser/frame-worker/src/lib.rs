//! frame-worker
