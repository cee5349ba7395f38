import { createContext, useContext } from 'react';

export interface Pixels {
  readonly x: (value: number) => number;
  readonly y: (value: number) => number;
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

export const PixelsContext = createContext<Pixels | null>(null);

/** The scales of the plot around it, clamped to it. */
export function usePixels(): Pixels {
  const pixels = useContext(PixelsContext);
  if (!pixels) throw new Error('PlotFrame is missing above this component.');
  return pixels;
}
