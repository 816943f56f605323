//! tollgate-http
