//! A lane: a queue of requests and the few threads that work on them in order.
//!
//! Readers, the answerer, the trainer, the evaluator and the keeper are lanes. A lane starts its threads when they
//! are first needed, turns a panic into Failed and makes the thread's state anew after it, and
//! leaves a thread behind that does not come back from a cancelled request (it may be inside a
//! foreign call: a decoder, a drive that does not answer), putting a fresh one in its place.
//! Knows nothing of what the work is. Called by [`super::Worker`].

use super::protocol::Outcome;
use super::ticket::{Handle, Ticket};
use crossbeam_channel::{Receiver, RecvTimeoutError, SendTimeoutError, Sender, bounded, unbounded};
use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

/// How often a waiting request looks for a free thread, or for one to leave behind.
const LOOK_EVERY: Duration = Duration::from_millis(20);
/// Threads left behind at most, at one time, in one lane.
const LEFT_BEHIND_MAX: usize = 16;

/// Does one piece of work after another and keeps what they share, such as an engine.
pub(super) type Hands<W> = Box<dyn FnMut(&Ticket, W) -> Result<Outcome, String>>;

/// How a lane works.
pub(super) struct Plan<W> {
    /// Name of its threads, at most 15 letters.
    pub name: &'static str,
    /// Threads at most, those left behind not counted.
    pub width: usize,
    /// How long after its request was cancelled a thread is left behind; `None` is never.
    pub patience: Option<Duration>,
    /// Whether a request is carried out although it was cancelled.
    pub even_if_cancelled: bool,
    /// Makes the state of a thread, in that thread; again after a panic.
    pub make_hands: Arc<dyn Fn() -> Hands<W> + Send + Sync>,
}

/// A queue of requests; closed when dropped.
pub(super) struct Lane<W> {
    queue: Sender<(Ticket, W)>,
}

impl<W: Send + 'static> Lane<W> {
    /// Opens a lane. `alive` is held by every thread of the lane until it ends.
    pub fn open(plan: Plan<W>, alive: &Sender<()>) -> Self {
        let (queue, requests) = unbounded();
        let alive = alive.clone();
        // Without its thread the queue is closed and every request fails with a sentence.
        let _ = thread::Builder::new()
            .name(plan.name.into())
            .spawn(move || {
                let (hand_over, take) = bounded(0);
                Dispatcher {
                    plan,
                    posts: Vec::new(),
                    hand_over,
                    take,
                    alive,
                }
                .run(&requests);
            });
        Self { queue }
    }

    /// Queues a request; never blocks.
    pub fn send(&self, ticket: Ticket, work: W) {
        if let Err(back) = self.queue.send((ticket, work)) {
            let (ticket, _) = back.into_inner();
            ticket.end(Err(
                "The system gave Askem no thread. Close other programs and start Askem again."
                    .into(),
            ));
        }
    }
}

/// What a thread is at, seen by its dispatcher.
#[derive(Default)]
struct Post {
    current: Mutex<Option<Arc<Handle>>>,
    /// Told to end once it comes back.
    left_behind: AtomicBool,
    gone: AtomicBool,
}

impl Post {
    fn set(&self, current: Option<Arc<Handle>>) {
        *self.current.lock().unwrap_or_else(PoisonError::into_inner) = current;
    }

    fn is_overdue(&self, patience: Duration) -> bool {
        let current = self.current.lock().unwrap_or_else(PoisonError::into_inner);
        let ended = current.as_ref().and_then(|handle| handle.ended_for());
        ended.is_some_and(|since| since >= patience)
    }

    fn is_left_behind(&self) -> bool {
        self.left_behind.load(Ordering::Acquire)
    }
}

/// Hands requests to threads, in order.
struct Dispatcher<W> {
    plan: Plan<W>,
    posts: Vec<Arc<Post>>,
    hand_over: Sender<(Ticket, W)>,
    take: Receiver<(Ticket, W)>,
    alive: Sender<()>,
}

impl<W: Send + 'static> Dispatcher<W> {
    fn run(mut self, requests: &Receiver<(Ticket, W)>) {
        for (ticket, work) in requests {
            self.dispatch(ticket, work);
        }
    }

    /// Gives the request to a free thread, or waits for one; forgets it if it is cancelled first.
    fn dispatch(&mut self, ticket: Ticket, work: W) {
        let mut request = (ticket, work);
        while self.plan.even_if_cancelled || !request.0.is_ended() {
            // A thread that has just finished is given a moment to ask for more before another
            // one is started.
            let patience = if self.has_room() {
                Duration::from_millis(1)
            } else {
                LOOK_EVERY
            };
            match self.hand_over.send_timeout(request, patience) {
                Ok(()) => return,
                Err(SendTimeoutError::Timeout(back) | SendTimeoutError::Disconnected(back)) => {
                    request = back;
                }
            }
            self.leave_overdue_behind();
            if self.left_behind() > LEFT_BEHIND_MAX {
                request.0.end(Err("Too many earlier requests are still stuck, probably on a drive that does not answer. Check the drive, or start Askem again.".into()));
                return;
            }
            if self.has_room() {
                return self.start_thread(request);
            }
        }
    }

    fn has_room(&self) -> bool {
        let working = self
            .posts
            .iter()
            .filter(|post| !post.gone.load(Ordering::Acquire));
        working.filter(|post| !post.is_left_behind()).count() < self.plan.width
    }

    fn left_behind(&self) -> usize {
        self.posts
            .iter()
            .filter(|post| post.is_left_behind())
            .count()
    }

    fn leave_overdue_behind(&mut self) {
        self.posts.retain(|post| !post.gone.load(Ordering::Acquire));
        let Some(patience) = self.plan.patience else {
            return;
        };
        for post in &self.posts {
            if post.is_overdue(patience) {
                post.left_behind.store(true, Ordering::Release);
            }
        }
    }

    fn start_thread(&mut self, first: (Ticket, W)) {
        let post = Arc::new(Post::default());
        post.set(Some(first.0.handle()));
        let (take, make_hands) = (self.take.clone(), Arc::clone(&self.plan.make_hands));
        let (alive, its_post) = (self.alive.clone(), Arc::clone(&post));
        let started = thread::Builder::new()
            .name(self.plan.name.into())
            .spawn(move || {
                work_through(first, &take, &its_post, &*make_hands);
                its_post.gone.store(true, Ordering::Release);
                drop(alive);
            });
        // Where the system gives no thread the request is dropped with it, and so fails.
        if started.is_ok() {
            self.posts.push(post);
        }
    }
}

/// The life of one thread: requests until the lane is closed or the thread is left behind.
fn work_through<W>(
    first: (Ticket, W),
    take: &Receiver<(Ticket, W)>,
    post: &Post,
    make_hands: &dyn Fn() -> Hands<W>,
) {
    let mut hands = None;
    let mut next = Some(first);
    while let Some((ticket, work)) = next {
        post.set(Some(ticket.handle()));
        let result = catch_unwind(AssertUnwindSafe(|| {
            hands.get_or_insert_with(make_hands)(&ticket, work)
        }));
        let result = result.unwrap_or_else(|cause| {
            let cause = explain(&*cause);
            // What panicked may be half changed, so it is thrown away, even if that panics too.
            let half_changed = hands.take();
            let _ = catch_unwind(AssertUnwindSafe(|| drop(half_changed)));
            Err(format!("Askem met a fault of its own ({cause}). Try again; please report it if it comes back."))
        });
        ticket.end(result);
        post.set(None);
        if post.is_left_behind() {
            return;
        }
        next = take.recv().ok();
    }
}

fn explain(cause: &(dyn Any + Send)) -> &str {
    let text = cause.downcast_ref::<&str>().copied();
    text.or_else(|| cause.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("no details")
}

/// Waits until every holder of `alive`'s sender has ended, or the time is over.
pub(super) fn wait_for_end(ended: &Receiver<()>, limit: Duration) -> bool {
    matches!(
        ended.recv_timeout(limit),
        Err(RecvTimeoutError::Disconnected)
    )
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic)]
mod tests {
    use super::*;
    use crate::worker::protocol::{Event, Progress, RequestId, What};
    use crate::worker::ticket::Outbox;
    use std::path::PathBuf;

    /// A lane of one thread whose work is to wait for a word, and the events that come of it.
    struct Bench {
        lane: Lane<Receiver<()>>,
        outbox: Outbox,
        events: Receiver<Event>,
        ended: Receiver<()>,
        next: u64,
    }

    impl Bench {
        fn new(patience: Option<Duration>) -> Self {
            let (alive, ended) = bounded(0);
            let (sender, events) = unbounded();
            let make_hands = || -> Hands<Receiver<()>> {
                Box::new(|ticket, word: Receiver<()>| {
                    ticket.progress(Progress::Piece(String::new()));
                    let _ = word.recv();
                    Ok(Outcome::Trained(PathBuf::new()))
                })
            };
            let make_hands = Arc::new(make_hands);
            let lane = Lane::open(
                Plan {
                    name: "test",
                    width: 1,
                    patience,
                    even_if_cancelled: false,
                    make_hands,
                },
                &alive,
            );
            let outbox = Outbox {
                events: sender,
                wake: Arc::new(|| {}),
            };
            Self {
                lane,
                outbox,
                events,
                ended,
                next: 0,
            }
        }

        /// Sends work; dropping the sender is the word it waits for.
        fn send(&mut self) -> (Arc<Handle>, Sender<()>) {
            self.next += 1;
            let ticket = Ticket::new(RequestId(self.next), self.outbox.clone());
            let (word, wait) = bounded(0);
            let handle = ticket.handle();
            self.lane.send(ticket, wait);
            (handle, word)
        }

        fn event(&self, limit: Duration) -> Option<(u64, What)> {
            let event = self.events.recv_timeout(limit).ok()?;
            Some((event.request.0, event.what))
        }
    }

    fn is_start(event: Option<(u64, What)>, of: u64) -> bool {
        matches!(event, Some((id, What::Progress(_))) if id == of)
    }

    const SOON: Duration = Duration::from_secs(5);

    #[test]
    fn work_that_hangs_is_replaced_only_after_it_was_cancelled() {
        let mut bench = Bench::new(Some(Duration::from_millis(30)));
        let (stuck, word) = bench.send();
        assert!(is_start(bench.event(SOON), 1));
        let (_next, next_word) = bench.send();
        drop(next_word);
        assert!(
            bench.event(Duration::from_millis(200)).is_none(),
            "one thread did two things"
        );
        stuck.cancel();
        assert!(matches!(bench.event(SOON), Some((1, What::Cancelled))));
        assert!(is_start(bench.event(SOON), 2));
        assert!(matches!(bench.event(SOON), Some((2, What::Finished(_)))));
        drop(word);
        let Bench {
            lane,
            ended,
            events,
            ..
        } = bench;
        drop(lane);
        assert!(
            wait_for_end(&ended, SOON),
            "the thread left behind did not end"
        );
        assert!(
            events.try_recv().is_err(),
            "it said something after its end"
        );
    }

    #[test]
    fn without_patience_nothing_is_left_behind() {
        let mut bench = Bench::new(None);
        let (stuck, word) = bench.send();
        assert!(is_start(bench.event(SOON), 1));
        let (_next, next_word) = bench.send();
        drop(next_word);
        stuck.cancel();
        assert!(matches!(bench.event(SOON), Some((1, What::Cancelled))));
        assert!(bench.event(Duration::from_millis(200)).is_none());
        drop(word);
        assert!(is_start(bench.event(SOON), 2));
        assert!(matches!(bench.event(SOON), Some((2, What::Finished(_)))));
    }

    #[test]
    fn threads_that_hang_are_not_replaced_without_end() {
        let mut bench = Bench::new(Some(Duration::ZERO));
        let mut words = Vec::new();
        let refusal = loop {
            let (stuck, word) = bench.send();
            words.push(word);
            match bench.event(SOON) {
                Some((_, What::Progress(_))) => stuck.cancel(),
                Some((_, What::Failed(sentence))) => break sentence,
                other => panic!("{other:?}"),
            }
            assert!(matches!(bench.event(SOON), Some((_, What::Cancelled))));
            assert!(words.len() < 2 * LEFT_BEHIND_MAX, "all may hang");
        };
        assert!(refusal.contains("drive"), "{refusal}");
        assert!(
            words.len() > LEFT_BEHIND_MAX,
            "{} threads are few",
            words.len()
        );
    }
}
