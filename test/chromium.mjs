// Finds Chrome or Chromium, and says how to start it with WebGPU on a software adapter. Tests, screenshots
// and benchmarks all start the browser through this file, so that they see the same one.
import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** SwiftShader gives the same adapter on every machine, with or without a GPU. `--disable-gpu` would take it away. */
export const softwareAdapterFlags = [
  '--headless=new',
  '--no-sandbox',
  '--enable-unsafe-webgpu',
  '--use-webgpu-adapter=swiftshader',
];

const HOW_TO_GET_IT =
  'No Chrome or Chromium found: install one (Debian, Ubuntu: `sudo apt-get install chromium`; ' +
  'elsewhere: google.com/chrome), or set CHROME_PATH to its executable.';

/** Path of the executable, or null. CHROME_PATH and CHROMIUM_PATH go first. */
export function findChromium() {
  return candidates().find(isExecutable) ?? null;
}

/** Like findChromium, but on Debian and Ubuntu as root installs it when missing. Throws with one line that says how. */
export function ensureChromium() {
  const found = findChromium() ?? (canInstall() ? install() : null);
  if (!found) throw new Error(HOW_TO_GET_IT);
  return found;
}

/** Options for playwright's chromium.launch. `flags` replaces the software adapter, as for a real GPU. */
export function launchOptions(flags = softwareAdapterFlags) {
  return { executablePath: ensureChromium(), args: [...flags] };
}

function candidates() {
  const { CHROME_PATH, CHROMIUM_PATH, PROGRAMFILES, LOCALAPPDATA } = process.env;
  const named = [CHROME_PATH, CHROMIUM_PATH].filter(Boolean);
  if (process.platform === 'darwin') {
    const apps = ['Google Chrome', 'Chromium', 'Google Chrome Canary', 'Microsoft Edge', 'Brave Browser'];
    return [...named, ...apps.map((app) => `/Applications/${app}.app/Contents/MacOS/${app}`)];
  }
  if (process.platform === 'win32') {
    const roots = [PROGRAMFILES, process.env['PROGRAMFILES(X86)'], LOCALAPPDATA].filter(Boolean);
    const apps = ['Google/Chrome', 'Chromium', 'Microsoft/Edge'];
    const paths = roots.flatMap((root) =>
      apps.map((app) =>
        join(root, app, 'Application', app === 'Microsoft/Edge' ? 'msedge.exe' : 'chrome.exe'),
      ),
    );
    return [...named, ...paths];
  }
  const names = [
    'google-chrome-stable',
    'google-chrome',
    'chromium',
    'chromium-browser',
    'microsoft-edge-stable',
  ];
  const folders = (process.env.PATH ?? '').split(delimiter).filter(Boolean);
  return [...named, ...names.flatMap((name) => folders.map((folder) => join(folder, name)))];
}

function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function canInstall() {
  return process.platform === 'linux' && process.getuid?.() === 0 && existsSync('/usr/bin/apt-get');
}

function install() {
  console.error('No Chrome or Chromium found; installing it with apt-get …');
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const aptGet = (...args) => spawnSync('apt-get', args, { env, stdio: ['ignore', 2, 2] }).status === 0;
  const installed =
    aptGet('update', '-q') &&
    aptGet('install', '-q', '-y', '--no-install-recommends', 'chromium', 'fonts-liberation');
  return installed ? findChromium() : null;
}
