//! Where HTTP integrations may go.

use std::net::{IpAddr, SocketAddr};

/// Which addresses are refused as backends. A definition is not the operator's: it must not reach cloud metadata or Tollgate's
/// own admin and control addresses by naming them, or by a name that resolves to them.
#[derive(Clone, Debug, Default)]
pub struct Targets {
    /// Whether link-local addresses may be called (`serve` says no: cloud metadata lives there).
    pub link_local: bool,
    /// Addresses that may never be called.
    pub refused: Vec<SocketAddr>,
}

impl Targets {
    /// Everything may be called, as in `dev`.
    pub fn any() -> Self {
        Self {
            link_local: true,
            refused: Vec::new(),
        }
    }

    /// Whether a resolved address may be called; otherwise why not.
    pub fn check(&self, address: SocketAddr) -> Result<(), &'static str> {
        let ip = address.ip().to_canonical();
        if !self.link_local && is_link_local(ip) {
            return Err("link-local addresses are not allowed as backends");
        }
        let own = self.refused.iter().any(|refused| {
            refused.port() == address.port()
                && (refused.ip().to_canonical() == ip || same_machine(refused.ip(), ip))
        });
        if own {
            Err("this is an address of Tollgate itself")
        } else {
            Ok(())
        }
    }
}

fn is_link_local(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => ip.is_link_local(),
        IpAddr::V6(ip) => ip.is_unicast_link_local(),
    }
}

/// A listener on every address is reached by any of the machine's; of those only the loopback ones are known here.
fn same_machine(listener: IpAddr, ip: IpAddr) -> bool {
    (listener.is_unspecified() || listener.is_loopback())
        && (ip.is_loopback() || ip.is_unspecified())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn metadata_and_tollgate_itself_are_out_of_reach() {
        let targets = Targets {
            link_local: false,
            refused: vec![
                "0.0.0.0:4567".parse().expect("an address"),
                "10.0.0.1:4566".parse().expect("an address"),
            ],
        };
        let check = |address: &str| targets.check(address.parse().expect("an address")).is_ok();
        assert!(!check("169.254.169.254:80"));
        assert!(!check("[fe80::1]:80"));
        assert!(!check("[::ffff:169.254.169.254]:80"));
        assert!(!check("127.0.0.1:4567"));
        assert!(!check("[::1]:4567"));
        assert!(!check("10.0.0.1:4566"));
        assert!(check("10.0.0.1:4567"));
        assert!(check("127.0.0.1:4566"));
        assert!(
            Targets::any()
                .check("169.254.169.254:80".parse().expect("an address"))
                .is_ok()
        );
    }
}
