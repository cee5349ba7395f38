import type { Execution } from '../../backend/backend.ts';
import type { Program } from '../../program/program.ts';
import type { LayerSpectrum } from '../events.ts';

/**
 * How the factors of every streamed gradient stand to G, the gradient of the batch of the last step that measured:
 *     kept = ‖G·rightᵀ‖²/‖G‖²       what rank k keeps: the energy in the span of the right factors
 *     followed = 1 − ‖G − Ĝ‖²/‖G‖²  what the update took of it with Ĝ = left·diag(σ)·right, a mean over batches
 * Both are the share of the k largest squared singular values where all batches are alike. `followed` is
 * below 0 where Ĝ is further from G than nothing would be.
 */
export function readGradientSpectra(
  { spectra = [] }: Program,
  execution: Execution,
): Promise<LayerSpectrum[]> {
  return Promise.all(
    spectra.map(async ({ layer, sigma, energies }) => {
      const [values, squares] = await Promise.all([execution.read(sigma), execution.read(energies)]);
      const sums = [0, 0, 0];
      squares.forEach((square, i) => (sums[i % 3] += square));
      const [whole, spanned, missed] = sums;
      const shares =
        whole > 0 ? { kept: spanned / whole, followed: 1 - missed / whole } : { kept: 1, followed: 1 };
      const magnitudes = Array.from(values, Math.abs).sort((a, b) => b - a);
      return { layer, sigma: magnitudes, ...shares };
    }),
  );
}
