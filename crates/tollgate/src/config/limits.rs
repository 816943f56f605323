//! `[limits]`: sizes, times and counts of requests: a profile, and each limit by its name.
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html>

use serde::Deserialize;
use tollgate_gateway::{Limit, Limits as Gateway};

/// A set of limits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Profile {
    /// AWS's.
    #[default]
    Aws,
    /// Those of a gateway that need not behave as an AWS account does.
    Relaxed,
}

macro_rules! limits {
    ($($name:ident: $type:ty,)*) => {
        /// `[limits]`
        #[derive(Clone, Debug, Default, PartialEq, Deserialize)]
        #[serde(default, deny_unknown_fields)]
        pub(crate) struct Limits {
            profile: Profile,
            account_rate_limit: Option<f64>,
            account_burst_limit: Option<u32>,
            $($name: Option<$type>,)*
        }

        /// The limits that can be set by name.
        #[cfg(test)]
        pub(crate) const NAMES: &[&str] = &[$(stringify!($name)),*];

        impl Limits {
            /// The limits of requests to APIs.
            pub(crate) fn gateway(&self) -> Gateway {
                let of_profile = match self.profile {
                    Profile::Aws => Gateway::AWS,
                    Profile::Relaxed => Gateway::RELAXED,
                };
                Gateway {
                    $($name: self.$name.unwrap_or(of_profile.$name),)*
                }
            }

            /// How much all APIs of an account in a region may be asked for together: no limit unless one of the two is set; the other
            /// is AWS's then.
            pub(crate) fn account(&self) -> Option<Limit> {
                if self.account_rate_limit.is_none() && self.account_burst_limit.is_none() {
                    return None;
                }
                Some(Limit {
                    rate: self.account_rate_limit.unwrap_or(10_000.0),
                    burst: self.account_burst_limit.unwrap_or(5_000).into(),
                })
            }

            /// How many limits are set by name.
            #[cfg(test)]
            pub(crate) fn set_by_name(&self) -> usize {
                [$(self.$name.is_some()),*].into_iter().filter(|is_set| *is_set).count()
            }
        }
    };
}

limits! {
    request_body_bytes_max: u64,
    response_body_bytes_max: u64,
    target_bytes_max: usize,
    header_bytes_max: usize,
    integration_timeout_ms_max: u64,
    template_output_bytes_max: usize,
    template_steps_max: u64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_named_limit_counts_for_more_than_the_profile() {
        let read: Limits = toml::from_str("profile = \"relaxed\"\ntarget_bytes_max = 99").unwrap();
        let expected = Gateway {
            target_bytes_max: 99,
            ..Gateway::RELAXED
        };
        assert_eq!(read.gateway(), expected);
        assert_eq!(Limits::default().gateway(), Gateway::AWS);
    }

    #[test]
    fn accounts_are_limited_only_where_it_is_said() {
        let read = |text: &str| toml::from_str::<Limits>(text).unwrap().account();
        assert_eq!(read("profile = \"aws\""), None);
        let limit = |rate, burst| Some(Limit { rate, burst });
        assert_eq!(read("account_rate_limit = 2.5"), limit(2.5, 5_000));
        assert_eq!(read("account_burst_limit = 7"), limit(10_000.0, 7));
    }
}
