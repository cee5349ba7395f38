import { methods } from '../../compression/methods.ts';
import type { Dimmer } from '../dimmer.ts';
import { BUDGET_POSITIONS, toBudget, toPosition } from '../sizes/budgetScale.ts';
import type { AppState } from '../appState.ts';
import { scaleFor } from '../dims/decideShownDims.ts';

export interface Command {
  readonly id: string;
  readonly label: string;
  /** Alternative shortcuts, each as 'Mod+Shift+Z'. Mod is Ctrl, or ⌘ on a Mac; the last part is a KeyboardEvent.key. */
  readonly keys: readonly string[];
  readonly enabled: (state: AppState) => boolean;
  readonly perform: (dimmer: Dimmer) => void;
}

const always = (): boolean => true;
const hasData = ({ dataset }: AppState): boolean => dataset !== null;

function nudgeAlpha({ store, settings }: Dimmer, by: number): void {
  const alpha = Math.round((store.getState().settings.alpha + by) * 100) / 100;
  settings.edit({ alpha: Math.min(1, Math.max(0, alpha)) });
  settings.commitAfterRest();
}

/** Moves the budget by a twentieth of its slider. */
function nudgeBudget({ store, settings }: Dimmer, direction: 1 | -1): void {
  const { dataset, budget } = store.getState();
  if (!dataset) return;
  const scale = scaleFor(dataset);
  settings.edit({ budget: toBudget(scale, toPosition(scale, budget) + (direction * BUDGET_POSITIONS) / 20) });
  settings.commitAfterRest();
}

const hasAlpha = (state: AppState): boolean =>
  hasData(state) && methods[state.settings.method].hyperparameters.includes('alpha');

/** The commands of the page, for its shortcuts, its buttons and the list under ?. */
export const commands = {
  play: {
    id: 'play',
    label: 'Train, pause or go on',
    keys: [' '],
    enabled: hasData,
    perform: ({ runs }) => runs.playOrPause(),
  },
  step: {
    id: 'step',
    label: 'One training step',
    keys: ['.'],
    enabled: hasData,
    perform: ({ runs }) => runs.step(),
  },
  stop: {
    id: 'stop',
    label: 'Stop and evaluate',
    keys: ['s'],
    enabled: ({ current }) => current !== null,
    perform: ({ runs }) => runs.stop(),
  },
  restart: {
    id: 'restart',
    label: 'Restart with the same seed',
    keys: ['r'],
    enabled: hasData,
    perform: ({ runs }) => runs.start(),
  },
  newSeed: {
    id: 'newSeed',
    label: 'Restart with a new seed',
    keys: ['Shift+R'],
    enabled: hasData,
    perform: ({ store, settings }) => settings.change({ seed: store.getState().settings.seed + 1 }),
  },
  keepLearnt: {
    id: 'keepLearnt',
    label: 'Keep what is learnt when α or the budget is dragged',
    keys: ['k'],
    enabled: always,
    perform: ({ store, ui }) => ui.show({ keepsLearnt: !store.getState().keepsLearnt }),
  },
  baseline: {
    id: 'baseline',
    label: 'Train the uniform baseline',
    keys: ['u'],
    enabled: hasData,
    perform: ({ queue }) => queue.trainUniformBaseline(),
  },
  compare: {
    id: 'compare',
    label: 'Compare methods',
    keys: ['c'],
    enabled: hasData,
    perform: ({ ui }) => ui.openDialog('compare'),
  },
  spectrum: {
    id: 'spectrum',
    label: 'Spectrum of a field, live, or the dims again',
    keys: ['v'],
    enabled: hasData,
    perform: ({ store, ui }) =>
      store.getState().dimsView === 'spectrum' ? ui.show({ dimsView: 'bars' }) : ui.showSpectrum(null),
  },
  lowerAlpha: {
    id: 'lowerAlpha',
    label: 'Lower α',
    keys: ['['],
    enabled: hasAlpha,
    perform: (dimmer) => nudgeAlpha(dimmer, -0.05),
  },
  raiseAlpha: {
    id: 'raiseAlpha',
    label: 'Raise α',
    keys: [']'],
    enabled: hasAlpha,
    perform: (dimmer) => nudgeAlpha(dimmer, 0.05),
  },
  lowerBudget: {
    id: 'lowerBudget',
    label: 'Lower the budget',
    keys: ['-'],
    enabled: hasData,
    perform: (dimmer) => nudgeBudget(dimmer, -1),
  },
  raiseBudget: {
    id: 'raiseBudget',
    label: 'Raise the budget',
    keys: ['=', '+'],
    enabled: hasData,
    perform: (dimmer) => nudgeBudget(dimmer, 1),
  },
  undo: {
    id: 'undo',
    label: 'Undo a change of settings',
    keys: ['Mod+z'],
    enabled: ({ history, editingFrom }) => history.past.length > 0 || editingFrom !== null,
    perform: ({ settings }) => settings.undo(),
  },
  redo: {
    id: 'redo',
    label: 'Redo it',
    keys: ['Mod+Shift+Z', 'Mod+y'],
    enabled: ({ history }) => history.future.length > 0,
    perform: ({ settings }) => settings.redo(),
  },
  settings: {
    id: 'settings',
    label: 'All settings',
    keys: [','],
    enabled: always,
    perform: ({ ui }) => ui.openDialog('settings'),
  },
  score: {
    id: 'score',
    label: 'Score a file with a model',
    keys: ['p'],
    enabled: always,
    perform: ({ models }) => models.openScoring(null),
  },
  help: {
    id: 'help',
    label: 'These shortcuts',
    keys: ['?'],
    enabled: always,
    perform: ({ ui }) => ui.openDialog('shortcuts'),
  },
} satisfies Record<string, Command>;

export const commandList: readonly Command[] = Object.values(commands);
