//! Rate limits: who may do how much, by whom or from where they do it.

mod address;
mod misses;
mod rate;

use std::net::IpAddr;
use std::time::Instant;

use axum::http::HeaderMap;
use ipnet::IpNet;
use uuid::Uuid;

use self::misses::Misses;
use self::rate::Rate;
use crate::error::ApiError;
use crate::settings::LimitsSettings;

/// An address may log in this many times as often as one email from it.
const LOGINS_PER_ADDRESS: u32 = 10;

/// Whose doings are counted together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Payer {
    /// An account or a guest.
    Person(Uuid),
    /// A consultation, for whoever acts with its code alone.
    Consultation(Uuid),
    /// Nobody known.
    Address(IpAddr),
}

impl Payer {
    /// An address; of an IPv6 network that one customer has, all addresses are one.
    pub fn address(address: IpAddr) -> Self {
        Self::Address(address::customer(address))
    }
}

/// All rate limits of one node.
pub struct Limits {
    trusted_proxies: Vec<IpNet>,
    logins: Rate<(String, IpAddr)>,
    logins_by_address: Rate<IpAddr>,
    requests: Rate<Payer>,
    messages: Rate<Payer>,
    uploads: Rate<Payer>,
    code_misses: Misses,
}

impl Limits {
    pub fn new(settings: &LimitsSettings) -> Self {
        let logins = settings.login_per_minute;
        Self {
            trusted_proxies: settings.trusted_proxies.clone(),
            logins: Rate::per_minute("logins", logins),
            logins_by_address: Rate::per_minute(
                "logins_by_address",
                logins.saturating_mul(LOGINS_PER_ADDRESS),
            ),
            requests: Rate::per_minute("requests", settings.requests_per_minute),
            messages: Rate::per_minute("messages", settings.messages_per_minute),
            uploads: Rate::per_hour("uploads", settings.uploads_per_hour),
            code_misses: Misses::per_minute(settings.code_misses_per_minute),
        }
    }

    /// The client's address: the peer's, or what proxies say that are trusted.
    pub fn client_address(&self, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
        address::client_address(peer, headers, &self.trusted_proxies)
    }

    /// One attempt to log in. `email_key` is the email's keyed hash, or any text that stands for it.
    pub fn login(&self, email_key: &str, address: IpAddr) -> Result<(), ApiError> {
        let address = address::customer(address);
        self.logins_by_address.check(&address)?;
        self.logins.check(&(email_key.to_owned(), address))
    }

    /// One request.
    pub fn request(&self, payer: Payer) -> Result<(), ApiError> {
        self.requests.check(&payer)
    }

    /// One message.
    pub fn message(&self, payer: Payer) -> Result<(), ApiError> {
        self.messages.check(&payer)
    }

    /// One upload.
    pub fn upload(&self, payer: Payer) -> Result<(), ApiError> {
        self.uploads.check(&payer)
    }

    /// Whether an address may look up a code: it has not missed too often within a minute.
    pub fn code_look_up(&self, address: IpAddr) -> Result<(), ApiError> {
        self.code_misses
            .admit(address::customer(address), Instant::now())
    }

    /// An address named a code that nobody has.
    pub fn code_missed(&self, address: IpAddr) {
        metrics::counter!("maeum_code_misses_total").increment(1);
        self.code_misses
            .note(address::customer(address), Instant::now());
    }

    /// Forgets those who have been quiet. To be called about once a minute.
    pub fn forget_the_quiet(&self) {
        self.logins.forget_the_quiet();
        self.logins_by_address.forget_the_quiet();
        self.requests.forget_the_quiet();
        self.messages.forget_the_quiet();
        self.uploads.forget_the_quiet();
        self.code_misses.forget_the_quiet(Instant::now());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limits(change: impl FnOnce(&mut LimitsSettings)) -> Limits {
        let mut settings = LimitsSettings::default();
        change(&mut settings);
        Limits::new(&settings)
    }

    fn address(last: u8) -> IpAddr {
        IpAddr::from([192, 0, 2, last])
    }

    #[test]
    fn log_ins_count_by_email_and_address_together() {
        let limits = limits(|settings| settings.login_per_minute = 3);
        for _ in 0..3 {
            assert!(limits.login("mina", address(1)).is_ok());
        }
        let refused = limits.login("mina", address(1)).unwrap_err();
        assert_eq!(
            (refused.status.as_u16(), refused.code),
            (429, "too_many_logins")
        );
        assert!((1..=20).contains(&refused.retry_after.unwrap()));
        assert!(
            limits.login("mina", address(2)).is_ok(),
            "nobody can lock her out from elsewhere"
        );
        assert!(limits.login("jun", address(1)).is_ok());
    }

    #[test]
    fn an_address_may_log_in_ten_times_as_often() {
        let limits = limits(|settings| settings.login_per_minute = 2);
        let attempts = (0..25).map(|number| limits.login(&number.to_string(), address(1)));
        assert_eq!(attempts.flatten().count(), 20);
    }

    #[test]
    fn wrong_codes_count_and_right_ones_do_not() {
        let limits = limits(|settings| settings.code_misses_per_minute = 2);
        for _ in 0..100 {
            assert!(limits.code_look_up(address(1)).is_ok());
        }
        limits.code_missed(address(1));
        limits.code_missed(address(1));
        assert_eq!(limits.code_look_up(address(1)).unwrap_err().status, 429);
        assert!(limits.code_look_up(address(2)).is_ok());
    }

    #[test]
    fn an_ipv6_network_is_one_address() {
        let limits = limits(|settings| settings.code_misses_per_minute = 1);
        limits.code_missed("2001:db8::1".parse().unwrap());
        assert!(
            limits
                .code_look_up("2001:db8::ffff:1".parse().unwrap())
                .is_err()
        );
        assert!(
            limits
                .code_look_up("2001:db8:0:1::1".parse().unwrap())
                .is_ok()
        );
    }

    #[test]
    fn zero_is_off() {
        let limits = limits(|settings| {
            settings.login_per_minute = 0;
            settings.requests_per_minute = 0;
            settings.messages_per_minute = 0;
            settings.code_misses_per_minute = 0;
        });
        let payer = Payer::address(address(1));
        for _ in 0..2_000 {
            assert!(limits.login("mina", address(1)).is_ok());
            assert!(limits.request(payer).is_ok() && limits.message(payer).is_ok());
            limits.code_missed(address(1));
            assert!(limits.code_look_up(address(1)).is_ok());
        }
    }

    #[test]
    fn each_payer_pays_for_itself() {
        let limits = limits(|settings| settings.messages_per_minute = 1);
        let id = Uuid::from_u128(1);
        assert!(limits.message(Payer::Person(id)).is_ok());
        assert!(limits.message(Payer::Consultation(id)).is_ok());
        assert!(limits.message(Payer::Person(id)).is_err());
        assert!(
            limits.request(Payer::Person(id)).is_ok(),
            "requests are counted apart"
        );
    }
}
