//! The control plane by its way in, over a real store in a temporary folder.
//!
//! A test is a list of calls with the answers expected, see `play.rs`. Each says where its answer is known from: recorded
//! (`TestApiGatewayApiResource::…` and the like are sequences that LocalStack's contributors recorded on AWS), AWS's
//! guide or reference, or a guess.

mod accounts;
mod api_keys;
mod authorizers;
mod bad_input;
mod clones;
mod credentials;
mod deployments;
mod documentation;
mod drift;
mod exports;
mod fixture;
mod gateway_responses;
mod iam;
mod imports;
mod integration_responses;
mod integrations;
mod method_responses;
mod methods;
mod models;
mod pages;
mod patch_rows;
mod patch_table;
mod play;
mod races;
mod refused;
mod request_validators;
mod resources;
mod rest_apis;
mod served;
mod stages;
mod sts;
mod tags;
mod test_invoke;
mod usage_plans;
mod world;
