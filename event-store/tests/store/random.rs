//! Random numbers that a printed seed repeats: `SEED=n` runs the same schedule again.

/// Enough to choose moments and places.
pub struct Random(u64);

impl Random {
    /// From `SEED`, or anew; prints it.
    pub fn new() -> Self {
        let seed = match std::env::var("SEED") {
            Ok(seed) => seed.parse().expect("SEED is a number"),
            Err(_) => getrandom::u64().unwrap(),
        };
        println!("SEED={seed}");
        Self::of(seed)
    }

    /// From a seed that another one gave.
    pub fn of(seed: u64) -> Self {
        Self(seed)
    }

    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    pub fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound
    }
}
