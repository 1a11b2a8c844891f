//! Threads that work through the shards of a batch, each alone: what runs inside a shard is
//! small, and splitting it further costs more than it gains. Called by the training step.

use crate::error::{ModelError, Result};
use candle_core::Device;
use rayon::{ThreadPool, ThreadPoolBuilder};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

/// Some threads; with none of its own, the caller's does the work.
pub(super) struct Crew {
    members: Vec<ThreadPool>,
    /// Images of a shard.
    pub shard: usize,
}

/// Few enough that the tensors of a shard stay in the cache, enough to keep products efficient.
const SHARD: usize = 6;

impl Crew {
    /// As many as the caller's pool has threads; on a GPU the caller's thread alone, with the
    /// whole batch as one shard.
    pub fn for_device(device: &Device) -> Result<Self> {
        if !device.is_cpu() {
            return Ok(Self {
                members: Vec::new(),
                shard: usize::MAX,
            });
        }
        let one = |_| ThreadPoolBuilder::new().num_threads(1).build();
        let members = (0..rayon::current_num_threads()).map(one).collect();
        let members: std::result::Result<_, _> = members;
        let members =
            members.map_err(|why| ModelError::Data(format!("no threads to train with: {why}")))?;
        Ok(Self {
            members,
            shard: SHARD,
        })
    }

    /// What `work` makes of each item, in their order.
    pub fn map<T: Sync, R: Send>(
        &self,
        items: &[T],
        work: impl Fn(usize, &T) -> R + Sync,
    ) -> Vec<R> {
        if self.members.is_empty() || items.len() < 2 {
            return items.iter().enumerate().map(|(i, x)| work(i, x)).collect();
        }
        let next = AtomicUsize::new(0);
        let done: Mutex<Vec<(usize, R)>> = Mutex::new(Vec::with_capacity(items.len()));
        let turns = || {
            while let Some((i, item)) = take(&next, items) {
                let result = work(i, item);
                done.lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .push((i, result));
            }
        };
        std::thread::scope(|scope| {
            let members = self.members.iter();
            let working: Vec<_> = members
                .map(|member| scope.spawn(|| member.install(turns)))
                .collect();
            for thread in working {
                if let Err(panic) = thread.join() {
                    std::panic::resume_unwind(panic);
                }
            }
        });
        let mut done = done.into_inner().unwrap_or_else(PoisonError::into_inner);
        done.sort_by_key(|(i, _)| *i);
        done.into_iter().map(|(_, result)| result).collect()
    }
}

fn take<'a, T>(next: &AtomicUsize, items: &'a [T]) -> Option<(usize, &'a T)> {
    let i = next.fetch_add(1, Ordering::Relaxed);
    Some((i, items.get(i)?))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a failed operation fails the test")]
mod tests {
    use super::*;

    #[test]
    fn results_come_in_order_from_threads_of_their_own() {
        let pool = ThreadPoolBuilder::new().num_threads(3).build().unwrap();
        let crew = pool.install(|| Crew::for_device(&Device::Cpu)).unwrap();
        let items: Vec<usize> = (0..50).collect();
        let inside = crew.map(&items, |i, item| {
            std::thread::sleep(std::time::Duration::from_micros(500 - 10 * *item as u64));
            (i, 2 * item, rayon::current_num_threads())
        });
        let expected: Vec<_> = (0..50).map(|i| (i, 2 * i, 1)).collect();
        assert_eq!(inside, expected);
        assert_eq!(
            Crew {
                members: Vec::new(),
                shard: 1
            }
            .map(&[5, 6], |_, x| x + 1),
            [6, 7]
        );
    }

    #[test]
    #[should_panic(expected = "in a shard")]
    fn a_panic_of_one_reaches_the_caller() {
        let pool = ThreadPoolBuilder::new().num_threads(2).build().unwrap();
        let crew = pool.install(|| Crew::for_device(&Device::Cpu)).unwrap();
        crew.map(&[1, 2, 3], |_, x| assert_ne!(*x, 2, "in a shard"));
    }
}
