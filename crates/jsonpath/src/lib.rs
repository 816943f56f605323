//! tollgate-jsonpath
