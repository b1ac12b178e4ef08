//! Random choices that can be made again.

use std::time::Duration;

/// Whether this is `cargo xtask soak`, in which everything is longer.
pub fn soaking() -> bool {
    std::env::var_os("LAC_CASES").is_some()
}

/// So many rounds; in a soak twenty times as many.
pub fn rounds(few: usize) -> usize {
    if soaking() { few * 20 } else { few }
}

/// A generator of random numbers (SplitMix64) whose seed is printed, so that a failure can be repeated.
pub struct Chance(u64);

impl Chance {
    /// With the seed of the environment, `LAC_SEED`, or else a new one.
    pub fn new() -> Self {
        let seed = match std::env::var("LAC_SEED") {
            Ok(seed) => seed.parse().expect("LAC_SEED is a number"),
            Err(_) => getrandom::u64().unwrap(),
        };
        println!("LAC_SEED={seed}");
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below another.
    pub fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() % u64::try_from(end).unwrap()).unwrap()
    }

    /// Lets a random time pass, up to so many milliseconds: not to wait for anything, but to strike at any moment.
    pub async fn moment(&mut self, milliseconds: usize) {
        let moment = u64::try_from(self.below(milliseconds * 1000)).unwrap();
        tokio::time::sleep(Duration::from_micros(moment)).await;
    }
}
