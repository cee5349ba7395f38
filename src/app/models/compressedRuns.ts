import { parseBudgets } from '../../comparison/askedBudgets.ts';
import { allocationOfDims, compressedSize } from '../../compression/afterTraining.ts';
import { readFieldMethods } from '../../settings/parseSetting.ts';
import type { MethodId } from '../../settings/settings.ts';
import { type CompressedResult, storedParameters } from '../../training/events/events.ts';
import type { DatasetSummary } from '../../worker/protocol.ts';
import { pluralize } from '../shared/format.ts';
import type { CompressionChoices } from './state.ts';
import type { CompressionOrder, RequestedRun } from '../runs/requestedRun.ts';
import { emptyCurve } from '../loss/curve.ts';
import { type RunRecord } from '../runs/runRecord.ts';

/** Methods that give every id a row of its own. */
const wholeMethods: readonly MethodId[] = ['full', 'uniform', 'low-rank', 'mixed-dimension'];

/** Why the model of a run cannot be compressed; '' if it can. */
export function whyNotCompressed({ result: { settings } }: RunRecord): string {
  const { method, fieldMethods } = settings;
  const chosen = readFieldMethods(fieldMethods, new Set(wholeMethods));
  if (wholeMethods.includes(method) && chosen) return '';
  return 'Its ids share what is stored, so there are no vectors of single ids to make smaller ones of. Full, uniform, low-rank and mixed-dimension runs can be compressed.';
}

/** Its id follows from the order, so that repeating a compression, which gives the same bits, replaces the record. */
export function recordOf(
  { name, settings, datasetKey }: RequestedRun,
  { from, by, budget }: CompressionOrder,
  result: CompressedResult,
): RunRecord {
  const { steps } = result.compressed;
  const idAt = (count: number): string => `${from}/${by}/${budget}/${count}`;
  return {
    id: idAt(steps),
    name: steps > 0 ? `${name}, +${pluralize(steps, 'step')}` : name,
    datasetKey,
    createdAt: Date.now(),
    asked: settings,
    result,
    trainLoss: emptyCurve,
    validationLoss: emptyCurve,
    madeOf: steps > 0 ? idAt(0) : from,
  };
}

export interface CompressionOrders {
  readonly orders: readonly CompressionOrder[];
  readonly unreachable: readonly { readonly budget: number; readonly message: string }[];
}

/** The compressions that the choices ask for, and the budgets that cannot be reached. Throws SettingError. */
export function orderCompressions(
  run: RunRecord,
  { by, budgets, fineTuneSteps }: CompressionChoices,
  { fields }: DatasetSummary,
): CompressionOrders {
  const { settings, allocation: summary } = run.result;
  const allocation = allocationOfDims(fields, settings, summary);
  const orders: CompressionOrder[] = [];
  const unreachable: { budget: number; message: string }[] = [];
  for (const { unit, amount } of parseBudgets(budgets)) {
    const share = Math.floor(amount * storedParameters(run.result) + 1e-6);
    const budget = unit === 'share' ? share : amount;
    try {
      compressedSize({ settings, allocation, fields }, by, budget);
      orders.push({ from: run.id, by, budget, fineTuneSteps });
    } catch (error) {
      unreachable.push({ budget, message: (error as Error).message });
    }
  }
  return { orders, unreachable };
}
