//! tollgate-model
