import { CircleHelp, Monitor, Moon, Sun } from 'lucide-react';
import type { Theme } from './state.ts';
import { commands } from '../commands/commands.ts';
import { useApp, useDimmer } from '../useDimmer.ts';
import { BackendBadge } from './BackendBadge.tsx';
import controls from '../shared/controls.module.css';
import { DatasetMenu } from '../data/DatasetMenu.tsx';
import styles from './Header.module.css';

export function Header() {
  const dimmer = useDimmer();
  return (
    <header className={styles.header}>
      <span className={styles.name}>Dimmer</span>
      <DatasetMenu />
      <span className={styles.promise}>
        Drop Criteo, Avazu, MovieLens, CSV. <strong>Nothing leaves this tab.</strong>
      </span>
      <div className={styles.end}>
        <BackendBadge />
        <ThemeSwitch />
        <button
          type="button"
          className={controls.icon}
          aria-label="Keyboard shortcuts"
          title="Keyboard shortcuts ( ? )"
          onClick={() => commands.help.perform(dimmer)}
        >
          <CircleHelp size={16} aria-hidden="true" />
        </button>
      </div>
    </header>
  );
}

const themes: Readonly<Record<Theme, { next: Theme; label: string; Icon: typeof Sun }>> = {
  system: { next: 'light', label: 'Theme: as the system', Icon: Monitor },
  light: { next: 'dark', label: 'Theme: light', Icon: Sun },
  dark: { next: 'system', label: 'Theme: dark', Icon: Moon },
};

function ThemeSwitch() {
  const { ui } = useDimmer();
  const theme = useApp((state) => state.theme);
  const { next, label, Icon } = themes[theme];
  return (
    <button
      type="button"
      className={controls.icon}
      aria-label={label}
      title={`${label}. Click for ${next}.`}
      onClick={() => ui.show({ theme: next })}
    >
      <Icon size={16} aria-hidden="true" />
    </button>
  );
}
