import type { Inspection } from '../../worker/inspectRun.ts';

export interface InspectState {
  /** The run that the dialog is about. */
  readonly inspectedRun: string | null;
  /** The field by whose values its test examples are sliced. */
  readonly inspectedField: number;
  readonly inspection: InspectionState;
}

export type InspectionState =
  | { readonly kind: 'pending' }
  | { readonly kind: 'gone' }
  | {
      readonly kind: 'ready';
      readonly inspection: Inspection;
      /** Without one: why. */
      readonly reference: { readonly run: string } | { readonly missing: string };
    };

export const initialInspect: InspectState = {
  inspectedRun: null,
  inspectedField: 0,
  inspection: { kind: 'pending' },
};
