//! tollgate-openapi
