import { approximableLayers, approximateActivations } from '../../program/approximateActivations.ts';
import type { QuantisedBits } from '../../program/operand.ts';
import type { Program } from '../../program/program.ts';
import { parseNames } from '../../settings/parseSetting.ts';
import type { ActivationBits } from '../../settings/settings.ts';
import { TrainingError } from '../errors.ts';
import type { ResolvedSettings } from '../events.ts';

const codeBits: Readonly<Record<ActivationBits, QuantisedBits | undefined>> = {
  '32': undefined,
  '16': 16,
  '8': 8,
  '4': 4,
};

/** The program with the activations kept as the settings say. Throws TrainingError for a layer that it has not. */
export function keepApproximately(
  program: Program,
  { activationBits, exactLayers }: Pick<ResolvedSettings, 'activationBits' | 'exactLayers'>,
): Program {
  const exact = new Set(parseNames(exactLayers));
  const layers = new Set(program.tensors.map(({ layer }) => layer));
  const unknown = [...exact].find((name) => !layers.has(name));
  if (unknown !== undefined)
    throw new TrainingError(
      `This model has no layer “${unknown}” to keep exact.`,
      `Layers that can be kept in fewer bits: ${approximableLayers(program).join(', ') || 'none'}.`,
    );
  const bits = codeBits[activationBits];
  return bits === undefined ? program : approximateActivations(program, { bits, exact });
}
