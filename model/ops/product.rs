//! Products of the small matrices of one head, and the heads in and out of [T, D]: too small for
//! a general product to be worth its preparation. Called by attention, inside its vectors.

use super::LANES;
use pulp::Simd;
use std::ops::Range;

/// One head of the first `tokens` of [T, D] with tokens along the rows: [head, padded].
#[inline(always)]
pub(super) fn across(
    x: &[f32],
    tokens: usize,
    d: usize,
    first: usize,
    head: usize,
    padded: usize,
    out: &mut [f32],
) {
    for (token, row) in x.chunks_exact(d).take(tokens).enumerate() {
        let values = &row[first..first + head];
        for (value, out) in values.iter().zip(out.chunks_exact_mut(padded)) {
            out[token] = *value;
        }
    }
}

/// One head of stretches of [M, D]: [tokens, head in whole lanes].
#[inline(always)]
pub(super) fn gather(
    x: &[f32],
    stretches: &[Range<usize>; 2],
    d: usize,
    first: usize,
    head: usize,
    out: &mut [f32],
) {
    let mut rows = out.chunks_exact_mut(head.next_multiple_of(LANES));
    for stretch in stretches {
        let tokens = x[stretch.start * d..stretch.end * d].chunks_exact(d);
        for (token, out) in tokens.zip(&mut rows) {
            out[..head].copy_from_slice(&token[first..first + head]);
        }
    }
}

/// Adds [tokens, padded] to one head of stretches of [M, D].
#[inline(always)]
pub(super) fn add_to(
    out: &mut [f32],
    stretches: &[Range<usize>; 2],
    d: usize,
    first: usize,
    head: usize,
    padded: usize,
    values: &[f32],
) {
    let mut rows = values.chunks_exact(padded);
    for stretch in stretches {
        let tokens = out[stretch.start * d..stretch.end * d].chunks_exact_mut(d);
        for (token, values) in tokens.zip(&mut rows) {
            let token = &mut token[first..first + head];
            token
                .iter_mut()
                .zip(values)
                .for_each(|(out, value)| *out += value);
        }
    }
}

/// Rows of a product that are computed side by side, so that their sums stay in registers.
const BLOCK: usize = 8;

/// `out` [m, n] = `a` [m, k] times `b` [k, n]; both with the width of their rows, that of `b`
/// a multiple of [`LANES`].
#[inline(always)]
pub(super) fn product<S: Simd>(
    simd: S,
    a: (&[f32], usize),
    m: usize,
    k: usize,
    b: (&[f32], usize),
    out: &mut [f32],
) {
    let ((a, width), (b, n)) = (a, b);
    let (b, vectors) = (S::as_simd_f32s(b).0, n / S::F32_LANES);
    let out = S::as_mut_simd_f32s(out).0;
    for first in (0..m).step_by(BLOCK) {
        // Beyond the last row, the last one is computed again and not stored.
        let rows: [&[f32]; BLOCK] =
            std::array::from_fn(|i| &a[(first + i).min(m - 1) * width..][..k]);
        for column in 0..vectors {
            let mut sums = [simd.splat_f32s(0.0); BLOCK];
            for (place, b) in b.chunks_exact(vectors).take(k).enumerate() {
                let b = b[column];
                for i in 0..BLOCK {
                    let factor = simd.splat_f32s(rows[i][place]);
                    sums[i] = simd.mul_add_e_f32s(factor, b, sums[i]);
                }
            }
            for (row, sum) in (first..m).zip(sums) {
                out[row * vectors + column] = sum;
            }
        }
    }
}

/// The same with `a` [k, m], its rows in whole [`LANES`].
#[inline(always)]
pub(super) fn product_across<S: Simd>(
    simd: S,
    a: (&[f32], usize),
    m: usize,
    b: (&[f32], usize),
    out: &mut [f32],
) {
    let ((a, width), (b, n)) = (a, b);
    let (b, vectors) = (S::as_simd_f32s(b).0, n / S::F32_LANES);
    let out = S::as_mut_simd_f32s(out).0;
    for first in (0..m).step_by(BLOCK) {
        for column in 0..vectors {
            let mut sums = [simd.splat_f32s(0.0); BLOCK];
            for (a, b) in a.chunks_exact(width).zip(b.chunks_exact(vectors)) {
                let (factors, b) = (&a[first..first + BLOCK], b[column]);
                for i in 0..BLOCK {
                    let factor = simd.splat_f32s(factors[i]);
                    sums[i] = simd.mul_add_e_f32s(factor, b, sums[i]);
                }
            }
            for (row, sum) in (first..m).zip(sums) {
                out[row * vectors + column] = sum;
            }
        }
    }
}
