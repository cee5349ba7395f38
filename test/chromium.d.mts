export const softwareAdapterFlags: readonly string[];
export function findChromium(): string | null;
export function ensureChromium(): string;
export function launchOptions(flags?: readonly string[]): { executablePath: string; args: string[] };
