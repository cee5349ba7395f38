import { Dices, Magnet, Pause, Play, RotateCcw, SkipForward, Square } from 'lucide-react';
import type { ReactNode } from 'react';
import { type Command, commands } from '../commands/commands.ts';
import { formatCount, formatDuration, formatRate } from '../shared/format.ts';
import { useApp, useDimmer, useLive } from '../useDimmer.ts';
import controls from '../shared/controls.module.css';
import styles from './Transport.module.css';

export function Transport() {
  const isPlaying = useApp((state) => state.current !== null && !state.current.isPaused);
  return (
    <footer className={styles.transport} aria-label="Training">
      <ProgressLine />
      <div className={styles.buttons}>
        <CommandButton command={commands.play} label={isPlaying ? 'Pause' : 'Train'} primary>
          {isPlaying ? <Pause size={16} aria-hidden="true" /> : <Play size={16} aria-hidden="true" />}
        </CommandButton>
        <CommandButton command={commands.step}>
          <SkipForward size={16} aria-hidden="true" />
        </CommandButton>
        <CommandButton command={commands.stop}>
          <Square size={16} aria-hidden="true" />
        </CommandButton>
        <CommandButton command={commands.restart}>
          <RotateCcw size={16} aria-hidden="true" />
        </CommandButton>
        <CommandButton command={commands.newSeed}>
          <Dices size={16} aria-hidden="true" />
        </CommandButton>
        <KeepLearnt />
      </div>
      <StepCounter />
    </footer>
  );
}

/** Pressed: a drag of α or the budget resizes the run in progress, and undo takes it back. */
function KeepLearnt() {
  const keeps = useApp((state) => state.keepsLearnt);
  return (
    <CommandButton
      command={commands.keepLearnt}
      label={
        keeps
          ? 'A drag of α or the budget keeps what the run has learnt'
          : 'A drag of α or the budget starts a new run'
      }
      pressed={keeps}
    >
      <Magnet size={16} aria-hidden="true" />
    </CommandButton>
  );
}

interface CommandButtonProps {
  readonly command: Command;
  readonly label?: string;
  readonly primary?: boolean;
  /** Of a switch. */
  readonly pressed?: boolean;
  readonly children: ReactNode;
}

function CommandButton({
  command,
  label = command.label,
  primary = false,
  pressed,
  children,
}: CommandButtonProps) {
  const dimmer = useDimmer();
  const enabled = useApp((state) => command.enabled(state));
  const [key] = command.keys;
  return (
    <button
      type="button"
      className={primary ? `${controls.primary} ${styles.play}` : controls.icon}
      aria-label={pressed === undefined ? label : 'Keep what is learnt'}
      aria-pressed={pressed}
      data-testid={command.id}
      title={`${label} ( ${key === ' ' ? 'Space' : key.replace('Shift+', 'Shift ')} )`}
      disabled={!enabled}
      onClick={() => command.perform(dimmer)}
    >
      {children}
      {primary && label}
    </button>
  );
}

function StepCounter() {
  const step = useLive((run) => run.step);
  const totalSteps = useLive((run) => run.totalSteps);
  const stepsPerSecond = useLive((run) => run.stepsPerSecond);
  const isTraining = useApp((state) => state.current !== null);
  const paused = useApp((state) => state.current?.isPaused ?? false);
  const queued = useApp((state) => state.queue.length);
  const leftSeconds = (totalSteps - step) / stepsPerSecond;
  return (
    <p className={styles.counter} data-testid="step-counter" data-step={step} data-total={totalSteps}>
      {totalSteps > 0 && (
        <>
          step <strong>{formatCount(step)}</strong> of {formatCount(totalSteps)}
        </>
      )}
      {isTraining && !paused && stepsPerSecond > 0 && (
        <>
          {' '}
          · {formatRate(stepsPerSecond)} steps/s · at most {formatDuration(leftSeconds)} left
        </>
      )}
      {isTraining && paused && ' · paused'}
      {!isTraining && totalSteps > 0 && ' · finished'}
      {queued > 0 && ` · ${queued} queued`}
    </p>
  );
}

function ProgressLine() {
  const share = useLive((run) => (run.totalSteps > 0 ? run.step / run.totalSteps : 0));
  return <div className={styles.progress} style={{ transform: `scaleX(${share})` }} aria-hidden="true" />;
}
