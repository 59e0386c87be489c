//! Random numbers that a printed seed repeats: `SEED=n` runs the same schedule again.

use uuid::Uuid;

pub struct Random(u64);

impl Random {
    /// From `SEED`, or anew; prints it.
    #[expect(clippy::disallowed_methods, reason = "only a source of randomness")]
    pub fn new() -> Self {
        let seed = match std::env::var("SEED") {
            Ok(seed) => seed.parse().expect("SEED is a number"),
            Err(_) => Uuid::new_v4().as_u64_pair().0,
        };
        println!("SEED={seed}");
        Self(seed)
    }

    pub fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % bound
    }
}
