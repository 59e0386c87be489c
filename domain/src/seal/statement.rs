//! What the signature of a seal is over: text that anybody can put together again.

use std::fmt;

/// What the signature of a seal is over: the bytes of this as text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SealStatement<'a> {
    pub from: u64,
    pub to: u64,
    pub root: &'a str,
    pub previous: &'a str,
    pub leaves: &'a str,
}

impl fmt::Display for SealStatement<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            from,
            to,
            root,
            previous,
            leaves,
        } = self;
        write!(
            f,
            "maeum log seal 1\nfrom {from}\nto {to}\nroot {root}\nprevious {previous}\n\
             leaves {leaves}\n"
        )
    }
}
