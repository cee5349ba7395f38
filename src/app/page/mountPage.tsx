import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './App.tsx';
import { listenToKeys } from '../commands/keyboard.ts';
import type { Dimmer } from '../dimmer.ts';
import { DimmerContext } from '../useDimmer.ts';

export function mountPage(dimmer: Dimmer, root: HTMLElement): void {
  listenToKeys(dimmer, document);
  createRoot(root).render(
    <StrictMode>
      <DimmerContext value={dimmer}>
        <App />
      </DimmerContext>
    </StrictMode>,
  );
}
