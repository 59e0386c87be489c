//! Network addresses as events may keep them: hashed, so that they tell apart and say nothing.

use std::net::IpAddr;

use super::Pepper;

/// Half of the keyed hash of an address, in hexadecimal.
pub fn address_hash(pepper: &Pepper, address: IpAddr) -> String {
    let mut hash = pepper.hex("address", &[address.to_canonical().to_string().as_bytes()]);
    hash.truncate(32);
    hash
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_one_hash_however_it_is_written() {
        let pepper = Pepper::new([1; 32]);
        let hash = |text: &str| address_hash(&pepper, text.parse().unwrap());
        assert_eq!(hash("192.0.2.1"), hash("::ffff:192.0.2.1"));
        assert_ne!(hash("192.0.2.1"), hash("192.0.2.2"));
        assert_eq!(hash("192.0.2.1").len(), 32);
    }
}
