// npm run bench:kills -- [train|compare|jobs] [times]: kill -9 at random moments of a run, and what is left.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bundleDimmer } from '../support/bundleDimmer.ts';
import { comparisonVictim, trainingVictim } from '../support/kills.ts';

const [which, times = '100'] = process.argv.slice(2);
const victims = {
  train: trainingVictim,
  compare: comparisonVictim,
  jobs: (program: string, folder: string) => comparisonVictim(program, folder, 2),
};
const root = mkdtempSync(join(tmpdir(), 'dimmer-kills-'));
let failures = 0;
try {
  const program = await bundleDimmer(join(root, 'program'));
  for (const [name, victim] of Object.entries(victims)) {
    if (which !== undefined && which !== name) continue;
    const { wholeMs, killAfter } = await victim(program, root);
    const met = { early: 0, midway: 0, ended: 0 };
    for (let i = 0; i < Number(times); i++) {
      const { kept, faults } = await killAfter(wholeMs * (1.1 * Math.random() - 0.1));
      met[kept === undefined ? 'ended' : kept > 0 ? 'midway' : 'early']++;
      if (faults.length > 0) {
        failures++;
        console.log(`${name}, kill ${i + 1}: ${faults.join('; ')}`);
      }
    }
    console.log(
      `${name}: ${times} kills in a run of ${(wholeMs / 1000).toFixed(1)} s; before anything was kept ${met.early}, ` +
        `with something kept ${met.midway}, after its end ${met.ended}; ${failures} faults so far`,
    );
  }
} finally {
  rmSync(root, { recursive: true });
}
process.exitCode = failures > 0 ? 1 : 0;
