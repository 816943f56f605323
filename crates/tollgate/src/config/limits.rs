//! `[limits]`: sizes, times and counts of requests: a profile, and each limit by its name.
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html>

use serde::Deserialize;
use tollgate_gateway::Limits as Gateway;

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
        #[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
        #[serde(default, deny_unknown_fields)]
        pub(crate) struct Limits {
            profile: Profile,
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
}
