//! Strokes put together: pieces of strands, and strands of pieces.
//!
//! Strokes that lie side by side with like widths are a piece. Pieces that lie on each other are
//! one, and so are pieces that face each other across a crossing. A rim that was taken for a
//! strand lies in a wider one along all its way and is dropped. Called by `fibres`.

use std::collections::HashMap;

use super::strokes::Stroke;

/// Part of a strand, or one: where its middle runs.
#[derive(Clone, Debug, PartialEq)]
pub struct Piece {
    /// Points of the middle line, ordered along it, in pixels of the level.
    pub middle: Vec<(f32, f32)>,
    /// Direction of the strand at every point, unit length.
    pub along: Vec<(f32, f32)>,
    /// Width at every point.
    pub width: Vec<f32>,
    /// True when the far edge was not seen.
    pub is_open: bool,
}

impl Piece {
    /// Median width.
    pub fn median_width(&self) -> f32 {
        let mut sorted = self.width.clone();
        sorted.sort_by(f32::total_cmp);
        sorted.get(sorted.len() / 2).copied().unwrap_or(0.0)
    }

    /// Length of the middle line.
    pub fn length(&self) -> f32 {
        let pairs = self.middle.windows(2);
        pairs
            .map(|p| (p[1].0 - p[0].0).hypot(p[1].1 - p[0].1))
            .sum()
    }

    /// Whether it keeps its direction from point to point, as a strand does and a knot of strokes
    /// at a crossing does not.
    fn runs_on(&self) -> bool {
        let pairs = self.along.iter().zip(self.along.iter().skip(4));
        let turns: Vec<f32> = pairs.map(|(a, b)| a.0 * b.0 + a.1 * b.1).collect();
        let straight = turns.iter().filter(|turn| **turn > 0.9).count();
        straight * 10 >= turns.len() * 8
    }

    fn end(&self, is_last: bool) -> Option<End> {
        let count = self.middle.len();
        // The last few points are bent by what crosses there; points are about two pixels apart.
        let skip = ((self.median_width() / 4.0) as usize).min(count / 4);
        let reach = (skip + self.median_width() as usize + 6).min(count - 1);
        let (at, back) = if is_last {
            (count - 1 - skip, count - 1 - reach)
        } else {
            (skip, reach)
        };
        let (a, b) = (*self.middle.get(at)?, *self.middle.get(back)?);
        let length = (a.0 - b.0).hypot(a.1 - b.1);
        if length < 1.0 {
            return None;
        }
        Some(End {
            at: a,
            outward: ((a.0 - b.0) / length, (a.1 - b.1) / length),
        })
    }
}

#[derive(Clone, Copy)]
struct End {
    at: (f32, f32),
    outward: (f32, f32),
}

/// Sets of things that are put together one pair at a time.
struct Sets(Vec<usize>);

impl Sets {
    fn new(count: usize) -> Self {
        Self((0..count).collect())
    }

    fn root(&mut self, mut of: usize) -> usize {
        while self.0[of] != of {
            self.0[of] = self.0[self.0[of]];
            of = self.0[of];
        }
        of
    }

    fn join(&mut self, a: usize, b: usize) {
        let (a, b) = (self.root(a), self.root(b));
        self.0[a.max(b)] = a.min(b);
    }

    /// The members of every set, in the order of their first ones.
    fn groups(&mut self) -> Vec<Vec<usize>> {
        let mut groups: Vec<Vec<usize>> = Vec::new();
        let mut group_of = HashMap::new();
        for member in 0..self.0.len() {
            let root = self.root(member);
            let index = *group_of.entry(root).or_insert_with(|| {
                groups.push(Vec::new());
                groups.len() - 1
            });
            groups[index].push(member);
        }
        groups
    }
}

/// Joins strokes whose middles are near, whose directions agree and whose widths are alike.
pub fn pieces(strokes: &[Stroke], is_open: bool) -> Vec<Piece> {
    let strokes: Vec<Stroke> = strokes
        .iter()
        .copied()
        .filter(|stroke| stroke.is_open == is_open)
        .collect();
    const CELL: f32 = 3.0;
    // Open strokes have no middle worth the name: they are joined by where they start.
    let anchor = |stroke: &Stroke| {
        if is_open {
            stroke.from
        } else {
            stroke.middle()
        }
    };
    let cell = |(x, y): (f32, f32)| ((x / CELL).floor() as i32, (y / CELL).floor() as i32);
    let mut cells: HashMap<(i32, i32), Vec<usize>> = HashMap::new();
    for (index, stroke) in strokes.iter().enumerate() {
        cells.entry(cell(anchor(stroke))).or_default().push(index);
    }
    let mut sets = Sets::new(strokes.len());
    for (index, stroke) in strokes.iter().enumerate() {
        let here = anchor(stroke);
        let (cx, cy) = cell(here);
        let near = (-1..=1).flat_map(|dx| (-1..=1).map(move |dy| (cx + dx, cy + dy)));
        for &other_index in near.filter_map(|cell| cells.get(&cell)).flatten() {
            if other_index >= index {
                continue;
            }
            let other = &strokes[other_index];
            let there = anchor(other);
            let turn = stroke.toward.0 * other.toward.0 + stroke.toward.1 * other.toward.1;
            let (thin, wide) = (stroke.width.min(other.width), stroke.width.max(other.width));
            let alike = is_open || wide - thin < 0.2 * wide + 1.5;
            let agrees = if is_open {
                turn > 0.9
            } else {
                turn.abs() > 0.9
            };
            let distance = (here.0 - there.0).hypot(here.1 - there.1);
            if alike && agrees && distance < 3.0 {
                sets.join(index, other_index);
            }
        }
    }
    sets.groups()
        .into_iter()
        .filter(|group| group.len() >= 4)
        .filter_map(|group| {
            let members: Vec<Stroke> = group.iter().map(|&index| strokes[index]).collect();
            piece(&members, is_open)
        })
        .collect()
}

/// Orders the middles of strokes along their common way: by distance from one end, over the
/// graph of near neighbours, then averaged in steps.
fn piece(strokes: &[Stroke], is_open: bool) -> Option<Piece> {
    let middles: Vec<(f32, f32)> = strokes.iter().map(Stroke::middle).collect();
    let starts: Vec<(f32, f32)> = strokes.iter().map(|stroke| stroke.from).collect();
    let steps = steps_from_one_end(if is_open { &starts } else { &middles });
    let reached = steps.iter().copied().filter(|step| *step != usize::MAX);
    let last = reached.max()?;
    let mut bins: Vec<Vec<usize>> = vec![Vec::new(); last / 2 + 1];
    for (index, step) in steps.iter().enumerate() {
        if *step != usize::MAX {
            bins[step / 2].push(index);
        }
    }
    let (mut middle, mut width) = (Vec::new(), Vec::new());
    for bin in bins.iter().filter(|bin| !bin.is_empty()) {
        let count = bin.len() as f32;
        let sum = bin.iter().fold((0.0, 0.0), |sum, &index| {
            (sum.0 + middles[index].0, sum.1 + middles[index].1)
        });
        middle.push((sum.0 / count, sum.1 / count));
        let mut widths: Vec<f32> = bin.iter().map(|&index| strokes[index].width).collect();
        widths.sort_by(f32::total_cmp);
        width.push(widths[widths.len() / 2]);
    }
    if middle.len() < 3 {
        return None;
    }
    let middle = calmed(&middle);
    let count = middle.len();
    let along = (0..count)
        .map(|at| {
            let (a, b) = (
                middle[at.saturating_sub(2)],
                middle[(at + 2).min(count - 1)],
            );
            let length = (b.0 - a.0).hypot(b.1 - a.1).max(1e-6);
            ((b.0 - a.0) / length, (b.1 - a.1) / length)
        })
        .collect();
    let piece = Piece {
        middle,
        along,
        width,
        is_open,
    };
    piece.runs_on().then_some(piece)
}

/// A running mean over five points.
fn calmed(points: &[(f32, f32)]) -> Vec<(f32, f32)> {
    (0..points.len())
        .map(|at| {
            let reach = 2.min(at).min(points.len() - 1 - at);
            let part = &points[at - reach..=at + reach];
            let count = part.len() as f32;
            let sum = part.iter().fold((0.0, 0.0), |s, p| (s.0 + p.0, s.1 + p.1));
            (sum.0 / count, sum.1 / count)
        })
        .collect()
}

/// How far each point is from one end of the way, in pixels, walking over near neighbours.
fn steps_from_one_end(points: &[(f32, f32)]) -> Vec<usize> {
    const CELL: f32 = 3.0;
    let cell = |(x, y): (f32, f32)| ((x / CELL).floor() as i32, (y / CELL).floor() as i32);
    let mut cells: HashMap<(i32, i32), Vec<usize>> = HashMap::new();
    for (index, point) in points.iter().enumerate() {
        cells.entry(cell(*point)).or_default().push(index);
    }
    let walk = |start: usize| {
        let mut steps = vec![f32::MAX; points.len()];
        steps[start] = 0.0;
        let mut queue = std::collections::VecDeque::from([start]);
        let mut last = start;
        while let Some(index) = queue.pop_front() {
            last = index;
            let (cx, cy) = cell(points[index]);
            let near = (-1..=1).flat_map(|dx| (-1..=1).map(move |dy| (cx + dx, cy + dy)));
            for &other in near.filter_map(|cell| cells.get(&cell)).flatten() {
                let (a, b) = (points[index], points[other]);
                let distance = (a.0 - b.0).hypot(a.1 - b.1);
                if steps[other] == f32::MAX && distance < 3.0 {
                    steps[other] = steps[index] + distance;
                    queue.push_back(other);
                }
            }
        }
        (steps, last)
    };
    let (_, far) = walk(0);
    let (steps, _) = walk(far);
    steps
        .iter()
        .map(|step| {
            if *step == f32::MAX {
                usize::MAX
            } else {
                *step as usize
            }
        })
        .collect()
}

/// A strand: its pieces, in no order.
pub struct Strand {
    /// The pieces.
    pub pieces: Vec<Piece>,
}

impl Strand {
    /// Whether an open piece lies where the strand would go on: what is seen of it there.
    fn leads_to(&self, open: &Piece) -> bool {
        let half = open.middle.len() / 2;
        let (at, along) = (open.middle[half], open.along[half]);
        self.pieces.iter().any(|piece| {
            let width = piece.median_width();
            let ends = [false, true]
                .into_iter()
                .filter_map(|is_last| piece.end(is_last));
            ends.into_iter().any(|end| {
                let way = (at.0 - end.at.0, at.1 - end.at.1);
                let ahead = way.0 * end.outward.0 + way.1 * end.outward.1;
                let aside = (way.0 * end.outward.1 - way.1 * end.outward.0).abs();
                let turn = (along.0 * end.outward.0 + along.1 * end.outward.1).abs();
                turn > 0.9
                    && ahead > -0.3 * width
                    && ahead < 20.0 * width
                    && aside < 0.4 * width + 0.04 * ahead.max(0.0)
            })
        })
    }
}

/// Two ends of pieces that may belong to the same strand.
struct Joint {
    /// What it costs to join them.
    cost: f32,
    /// The pieces, and whether it is their last end.
    ends: [(usize, bool); 2],
    /// Whether the strand goes straight on there.
    is_straight: bool,
}

/// Drops rims, then joins pieces across what lies over them.
pub fn strands(mut pieces: Vec<Piece>, width: usize, height: usize) -> Vec<Strand> {
    pieces.sort_by(|a, b| b.median_width().total_cmp(&a.median_width()));
    let pieces = without_rims(pieces, width, height);
    let mut sets = Sets::new(pieces.len());
    let mut joints: Vec<Joint> = Vec::new();
    for a in 0..pieces.len() {
        for b in 0..a {
            for (end_a, end_b) in [(false, false), (false, true), (true, false), (true, true)] {
                if let Some((cost, is_straight)) = joint(&pieces[a], end_a, &pieces[b], end_b) {
                    joints.push(Joint {
                        cost,
                        ends: [(a, end_a), (b, end_b)],
                        is_straight,
                    });
                }
            }
        }
    }
    joints.sort_by(|a, b| a.cost.total_cmp(&b.cost));
    let mut used = std::collections::HashSet::new();
    for joint in joints {
        let ([a, b], is_straight) = (joint.ends, joint.is_straight);
        let is_free = !used.contains(&a) && !used.contains(&b);
        if sets.root(a.0) != sets.root(b.0) && (is_free || is_straight) {
            used.insert(a);
            used.insert(b);
            sets.join(a.0, b.0);
        }
    }
    sets.groups()
        .into_iter()
        .map(|group| Strand {
            pieces: group.iter().map(|&index| pieces[index].clone()).collect(),
        })
        .collect()
}

/// What it costs to take two ends for the same strand, and whether it goes straight on there, so
/// that a third piece may lie between; none if they cannot be.
fn joint(a: &Piece, a_last: bool, b: &Piece, b_last: bool) -> Option<(f32, bool)> {
    let (wa, wb) = (a.median_width(), b.median_width());
    if wa.max(wb) > 1.45 * wa.min(wb) + 1.0 {
        return None;
    }
    let width = 0.5 * (wa + wb);
    let (end_a, end_b) = (a.end(a_last)?, b.end(b_last)?);
    let gap = (end_b.at.0 - end_a.at.0, end_b.at.1 - end_a.at.1);
    let distance = gap.0.hypot(gap.1);
    let facing = -(end_a.outward.0 * end_b.outward.0 + end_a.outward.1 * end_b.outward.1);
    let is_near = distance <= 12.0 * width + 10.0;
    if facing < if is_near { 0.85 } else { 0.98 } || distance > 40.0 * width {
        return None;
    }
    let aside = |end: &End| (gap.0 * end.outward.1 - gap.1 * end.outward.0).abs();
    let ahead = gap.0 * end_a.outward.0 + gap.1 * end_a.outward.1;
    let aside = aside(&end_a).max(aside(&end_b));
    let lean = if is_near { 0.12 } else { 0.04 };
    // Ends may lie on each other a little, but not side by side.
    if ahead < -2.0 * width || aside > 0.35 * width + lean * distance + 1.0 {
        return None;
    }
    let is_straight = facing > 0.98 && aside < 0.3 * width + 0.03 * distance;
    Some((
        distance + 3.0 * aside + 10.0 * width * (1.0 - facing),
        is_straight,
    ))
}

/// Leaves out pieces that lie along a wider one over most of their way: the wider one's rims,
/// and second findings of the same strand. Pieces come widest first.
fn without_rims(pieces: Vec<Piece>, width: usize, height: usize) -> Vec<Piece> {
    // For every pixel, the direction of the strand that covers it.
    let mut covered: Vec<Option<(f32, f32)>> = vec![None; width * height];
    let mut kept = Vec::new();
    for piece in pieces {
        let along_wider = piece
            .middle
            .iter()
            .zip(&piece.along)
            .filter(|(point, along)| {
                place(**point, width, height)
                    .and_then(|place| covered[place])
                    .is_some_and(|other| (other.0 * along.0 + other.1 * along.1).abs() > 0.85)
            })
            .count();
        // Long enough to have a direction of its own.
        if along_wider * 2 > piece.middle.len() || piece.length() < 0.7 * piece.median_width() {
            continue;
        }
        cover(&piece, width, height, |place, along| {
            covered[place] = Some(along)
        });
        kept.push(piece);
    }
    kept
}

/// The width that most of what is covered has: the median, every piece weighing as its area
/// times its width. 0 for none.
pub fn usual_width(strands: &[Strand]) -> f32 {
    let mut weighed: Vec<(f32, f32)> = strands
        .iter()
        .flat_map(|strand| &strand.pieces)
        .map(|piece| {
            let width = piece.median_width();
            (width, piece.length() * width * width)
        })
        .filter(|(width, _)| *width >= LEAST_WIDTH)
        .collect();
    weighed.sort_by(|a, b| a.0.total_cmp(&b.0));
    let half = 0.5 * weighed.iter().map(|piece| piece.1).sum::<f32>();
    let mut sum = 0.0;
    for (width, weight) in weighed {
        sum += weight;
        if sum >= half {
            return width;
        }
    }
    0.0
}

/// The least width of a strand on its level: a thinner one is mostly the smoothing.
const LEAST_WIDTH: f32 = 4.5;

/// Strands at least 0.4 times as wide as usual and long enough. Thinner ones among them are grooves, rims and
/// what is left of a covered strand far more often than strands.
pub fn of_one_kind(strands: Vec<Strand>, usual: f32, least_length: f32) -> Vec<Strand> {
    let kept = strands.into_iter().filter(|strand| {
        let widths = strand.pieces.iter().map(Piece::median_width);
        let width = widths.fold(0.0, f32::max);
        let length: f32 = strand.pieces.iter().map(Piece::length).sum();
        width >= (0.4 * usual).max(LEAST_WIDTH) && length >= (0.8 * width).max(least_length)
    });
    kept.collect()
}

/// Order from which strands lie side by side: what is seen of another one is a neighbour then,
/// and in a net mostly the same strand beyond a crossing.
const BUNDLE: f32 = 0.7;

/// The order of directions, weighted by length.
fn order(strands: &[Strand]) -> f32 {
    let (mut c, mut s, mut total) = (0.0, 0.0, 0.0);
    for piece in strands.iter().flat_map(|strand| &strand.pieces) {
        for (dx, dy) in &piece.along {
            c += dx * dx - dy * dy;
            s += 2.0 * dx * dy;
            total += 1.0;
        }
    }
    c.hypot(s) / f32::max(total, 1.0)
}

/// Strands of which one edge alone is seen: open strokes side by side, where no other strand is.
pub fn hidden(
    strokes: &[Stroke],
    strands: &[Strand],
    usual: f32,
    (width, height): (usize, usize),
) -> Vec<Piece> {
    let is_bundle = order(strands) > BUNDLE;
    let least_length = if is_bundle {
        0.8 * usual
    } else {
        (1.5 * usual).max(0.08 * width.min(height) as f32)
    };
    let pieces = || strands.iter().flat_map(|strand| &strand.pieces);
    let mut covered = vec![false; width * height];
    for piece in pieces() {
        cover(piece, width, height, |place, _| covered[place] = true);
    }
    let mut found: Vec<Piece> = self::pieces(strokes, true)
        .into_iter()
        .filter(|piece| piece.length() >= least_length && piece.median_width() >= 0.25 * usual)
        .collect();
    found.sort_by(|a, b| b.length().total_cmp(&a.length()));
    found.retain(|piece| {
        let free = piece
            .middle
            .iter()
            .filter(|point| !place(**point, width, height).is_some_and(|place| covered[place]))
            .count();
        let is_free = free * 2 > piece.middle.len()
            && (is_bundle || !strands.iter().any(|strand| strand.leads_to(piece)));
        if is_free {
            cover(piece, width, height, |place, _| covered[place] = true);
        }
        is_free
    });
    found
}

fn place((x, y): (f32, f32), width: usize, height: usize) -> Option<usize> {
    let inside = x >= 0.0 && y >= 0.0 && (x as usize) < width && (y as usize) < height;
    inside.then(|| y as usize * width + x as usize)
}

/// Calls `paint` for every pixel that a piece covers, with its direction there.
fn cover(piece: &Piece, width: usize, height: usize, mut paint: impl FnMut(usize, (f32, f32))) {
    for ((point, along), across) in piece.middle.iter().zip(&piece.along).zip(&piece.width) {
        let half = (0.5 * across) as i32 + 1;
        for side in -2 * half..=2 * half {
            let offset = 0.5 * side as f32;
            for ahead in -1..=1 {
                let point = (
                    point.0 - offset * along.1 + ahead as f32 * along.0,
                    point.1 + offset * along.0 + ahead as f32 * along.1,
                );
                if let Some(place) = place(point, width, height) {
                    paint(place, *along);
                }
            }
        }
    }
}
