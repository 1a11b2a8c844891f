//! The tiler: a thread that turns the wanted places of a micrograph into shown colours.
//!
//! It takes whole lists of wishes, and only the newest list counts: what was wanted before and
//! is not any more is never made. Never touches the recorded pixels and knows no graphics:
//! whoever starts it says what a tile is made into. Called by the viewer of `window`.

use super::protocol::Opened;
use crate::micrograph::display::{DisplayMap, Place, Table};
use crossbeam_channel::{Receiver, Sender, unbounded};
use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

/// Tiles that are wanted, the most urgent first.
pub struct Wishes {
    /// The micrograph.
    pub opened: Arc<Opened>,
    /// How its levels become colours.
    pub map: DisplayMap,
    /// Given back with every tile.
    pub version: u64,
    /// What to cut.
    pub places: Vec<Place>,
}

/// A tile that was made.
pub struct Tile<T> {
    /// Of its wish.
    pub version: u64,
    /// Where it lies.
    pub place: Place,
    /// What it was made into.
    pub made: T,
}

/// The thread, seen from outside. It ends once this is dropped.
pub struct Tiler<T> {
    wishes: Sender<Wishes>,
    tiles: Receiver<Tile<T>>,
}

impl<T: Send + 'static> Tiler<T> {
    /// Starts the thread. `make` turns the width, height and colours of a tile into what is
    /// given back; `wake` is called after each.
    pub fn start(
        make: impl Fn([u32; 2], Vec<[u8; 3]>) -> T + Send + 'static,
        wake: impl Fn() + Send + 'static,
    ) -> Self {
        let (wishes, wanted) = unbounded();
        let (done, tiles) = unbounded();
        // Without the thread the micrograph stays dark; the rest of the window works.
        let _ = std::thread::Builder::new()
            .name("askem-tiler".into())
            .spawn(move || work(&wanted, &done, &make, &wake));
        Self { wishes, tiles }
    }

    /// Takes the place of all earlier wishes; never blocks.
    pub fn wish(&self, wishes: Wishes) {
        // Fails only where the system gave no thread.
        let _ = self.wishes.send(wishes);
    }

    /// The next tile, if one is ready; never blocks.
    pub fn try_tile(&self) -> Option<Tile<T>> {
        self.tiles.try_recv().ok()
    }
}

fn work<T>(
    wanted: &Receiver<Wishes>,
    done: &Sender<Tile<T>>,
    make: &dyn Fn([u32; 2], Vec<[u8; 3]>) -> T,
    wake: &dyn Fn(),
) {
    while let Ok(mut wishes) = wanted.recv() {
        let mut table = Table::new(wishes.map, &wishes.opened.micrograph);
        let mut places = VecDeque::from(std::mem::take(&mut wishes.places));
        loop {
            if let Some(newer) = wanted.try_iter().last() {
                if newer.version != wishes.version {
                    table = Table::new(newer.map, &newer.opened.micrograph);
                }
                wishes = newer;
                places = std::mem::take(&mut wishes.places).into();
            }
            let Some(place) = places.pop_front() else {
                break;
            };
            let cut = catch_unwind(AssertUnwindSafe(|| {
                let opened = &wishes.opened;
                let colours = opened.pyramid.cut(&opened.micrograph, place, &table);
                make(place.size, colours)
            }));
            let Ok(made) = cut else { continue };
            let version = wishes.version;
            let tile = Tile {
                version,
                place,
                made,
            };
            if done.send(tile).is_err() {
                return;
            }
            wake();
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::micrograph::Limits;
    use std::time::{Duration, Instant};

    fn opened() -> Arc<Opened> {
        let sample = askem_assets::SAMPLE_MICROGRAPH;
        let micrograph =
            crate::micrograph::read_bytes(sample, "sample", Limits::default()).unwrap();
        Arc::new(Opened::of(micrograph, &|| true).unwrap())
    }

    fn place(corner: u32, side: u32) -> Place {
        Place {
            level: 0,
            corner: [corner, 0],
            size: [side, side],
        }
    }

    fn wait<T: Send + 'static>(tiler: &Tiler<T>) -> Tile<T> {
        let began = Instant::now();
        loop {
            if let Some(tile) = tiler.try_tile() {
                return tile;
            }
            assert!(began.elapsed() < Duration::from_secs(10), "no tile came");
            std::thread::sleep(Duration::from_millis(1));
        }
    }

    #[test]
    fn only_the_newest_wishes_are_granted_and_a_panic_costs_one_tile() {
        let (go, gate) = crossbeam_channel::bounded::<()>(0);
        let tiler = Tiler::start(
            move |size, colours| {
                let _ = gate.recv();
                assert!(size[0] != 3, "a fault of the test's own");
                colours.len()
            },
            || {},
        );
        let opened = opened();
        let wish = |version, places| {
            let opened = Arc::clone(&opened);
            let map = DisplayMap::default();
            tiler.wish(Wishes {
                opened,
                map,
                version,
                places,
            });
        };
        wish(1, vec![place(0, 8), place(8, 8), place(16, 8)]);
        go.send(()).unwrap();
        assert_eq!(wait(&tiler).version, 1);
        wish(2, vec![place(0, 3), place(0, 4)]);
        drop(go);
        let mut last = wait(&tiler);
        while last.version == 1 {
            assert!(last.place.corner[0] < 16, "an old wish was granted");
            last = wait(&tiler);
        }
        assert_eq!((last.version, last.made), (2, 16));
    }
}
