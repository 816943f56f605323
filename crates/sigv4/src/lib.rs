//! tollgate-sigv4
