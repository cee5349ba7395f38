// npm run screenshots            light, spectrum, dark and narrow of the app after real runs → public/screenshots
// npm run screenshots -- figure  accuracy against parameters on the clicks sample, 5 seeds → the README's figure
import { runnerImport } from 'vite';

const { module } = await runnerImport('./test/e2e/screenshots.ts');
if (process.argv[2] === 'figure')
  // What uniform tables of D = 2 and 4 take; with D = 1 uniform learns almost nothing.
  await module.drawFigure({ alphas: [0.3, 0.5], budgets: [30_442, 60_884], seeds: [1, 2, 3, 4, 5] });
else
  await module.takeScreenshots({
    alphas: [0.2, 0.4],
    budgets: [30_000, 60_000, 120_000, 240_000],
    seeds: [1],
  });
