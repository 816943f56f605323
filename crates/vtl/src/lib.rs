//! tollgate-vtl
