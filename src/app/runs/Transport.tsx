import { Dices, Magnet, Pause, Play, RotateCcw, SkipForward, Square } from 'lucide-react';
import type { ReactNode } from 'react';
import { type Command, commands } from '../commands/commands.ts';
import { formatCount, formatDuration, formatRate } from '../shared/format.ts';
import { useApp, useDimmer, useLive } from '../useDimmer.ts';
import { phaseOf } from './runLife.ts';
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
        <CommandButton command={commands.restart} text="Restart">
          <RotateCcw size={16} aria-hidden="true" />
        </CommandButton>
        <CommandButton command={commands.newSeed} text="New seed">
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
      text="Keep what is learnt"
      pressed={keeps}
    >
      <Magnet size={16} aria-hidden="true" />
    </CommandButton>
  );
}

interface CommandButtonProps {
  readonly command: Command;
  /** Told on demand, with the key. */
  readonly label?: string;
  /** Beside the icon; without it the label names the button. */
  readonly text?: string;
  readonly primary?: boolean;
  /** Of a switch. */
  readonly pressed?: boolean;
  readonly children: ReactNode;
}

function CommandButton({
  command,
  label = command.label,
  text,
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
      className={primary ? `${controls.primary} ${styles.play}` : text ? styles.worded : controls.icon}
      aria-label={text ? undefined : label}
      aria-pressed={pressed}
      data-testid={command.id}
      title={`${label} ( ${key === ' ' ? 'Space' : key.replace('Shift+', 'Shift ')} )`}
      disabled={!enabled}
      onClick={() => command.perform(dimmer)}
    >
      {children}
      {primary ? label : text}
    </button>
  );
}

function StepCounter() {
  const warmUp = useLive((run) => run.warmUp);
  const step = useLive((run) => run.step);
  const totalSteps = useLive((run) => run.totalSteps);
  const stepsPerSecond = useLive((run) => run.stepsPerSecond);
  const phase = useApp(phaseOf);
  const isTraining = useApp((state) => state.current !== null);
  const queued = useApp((state) => state.queue.length);
  const leftSeconds = (totalSteps - step) / stepsPerSecond;
  return (
    <p className={styles.counter} data-testid="step-counter" data-step={step} data-total={totalSteps}>
      {warmUp && (
        <>
          warm-up step <strong>{formatCount(warmUp.step)}</strong> of {formatCount(warmUp.totalSteps)}
        </>
      )}
      {totalSteps > 0 && (
        <>
          step <strong>{formatCount(step)}</strong> of {formatCount(totalSteps)}
        </>
      )}
      {isTraining && phase !== 'paused' && stepsPerSecond > 0 && (
        <>
          {' '}
          · {formatRate(stepsPerSecond)} steps/s · at most {formatDuration(leftSeconds)} left
        </>
      )}
      {totalSteps > 0 && (phase === 'paused' || !isTraining) && ` · ${phase}`}
      {queued > 0 && ` · ${queued} queued`}
    </p>
  );
}

function ProgressLine() {
  const share = useLive((run) => (run.totalSteps > 0 ? run.step / run.totalSteps : 0));
  return <div className={styles.progress} style={{ transform: `scaleX(${share})` }} aria-hidden="true" />;
}
