//! Simulated sessions: one thread, one seed. The bad network is `impair::Link` (proof/impair), in virtual time.
