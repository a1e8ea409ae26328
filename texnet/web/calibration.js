// The calibration: which factor a network must get so that noise factor f covers the share f of the perceptual path.

/**
 * The uncalibrated factor for a noise factor, by monotone cubics (Fritsch & Butland 1984), as in
 * texnet/generators/calibration.py. `calibration` has `noise_factors` and `uncalibrated_factors`; empty: both are the same.
 */
export function uncalibrated(calibration, noiseFactor) {
  const { noise_factors: x, uncalibrated_factors: y } = calibration;
  if (x.length === 0) return noiseFactor;
  const above = x.findIndex((value) => value > noiseFactor);
  const k = above < 0 ? x.length - 1 : above;
  const slopes = slopesOf(x, y);
  const width = x[k] - x[k - 1];
  const rise = y[k] - y[k - 1];
  const t = (noiseFactor - x[k - 1]) / width;
  const begin = slopes[k - 1] * width;
  const end = slopes[k] * width;
  return y[k - 1] + t * (begin + t * (3 * rise - 2 * begin - end + t * (begin + end - 2 * rise)));
}

// Of the interpolation at each pair: weighted harmonic means of the two sides', at the ends the one side's.
function slopesOf(x, y) {
  const widths = x.slice(1).map((value, i) => value - x[i]);
  const sides = widths.map((width, i) => (y[i + 1] - y[i]) / width);
  const inner = sides.slice(1).map((right, i) => {
    const [before, after, left] = [widths[i], widths[i + 1], sides[i]];
    return (3 * (before + after)) / ((2 * after + before) / left + (after + 2 * before) / right);
  });
  return [sides[0], ...inner, sides[sides.length - 1]];
}
