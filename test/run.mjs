// npm test: every test, those that need a browser included. Arguments go on to vitest: npm test -- --project unit
// npm run test:fast: those that need no browser and no patience, on all cores.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ensureChromium } from './chromium.mjs';

const given = process.argv.slice(2);
const isFast = given.includes('--fast');
const fast = ['--project', 'unit', '--exclude', '**/*.slow.test.ts', '--maxWorkers', '100%'];
const choice = isFast ? [...fast, ...given.filter((argument) => argument !== '--fast')] : given;

try {
  if (!isFast) ensureChromium();
} catch (error) {
  console.error(error.message);
  process.exit(1);
}

const folder = mkdtempSync(join(tmpdir(), 'dimmer-test-'));
const reportFile = join(folder, 'report.json');
const vitest = fileURLToPath(new URL('../node_modules/vitest/vitest.mjs', import.meta.url));
const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${reportFile}`];
const { status } = spawnSync(
  process.execPath,
  [vitest, 'run', '--config', 'test/vitest.config.ts', ...reporters, ...choice],
  { stdio: 'inherit' },
);

const counts = readCounts();
rmSync(folder, { recursive: true });
console.log(`\n${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`);
process.exit(status === 0 && counts.failed === 0 && counts.passed > 0 ? 0 : 1);

/** A suite that could not start has no tests of its own: it counts as one failure. */
function readCounts() {
  try {
    const report = JSON.parse(readFileSync(reportFile, 'utf8'));
    const brokenSuites = report.testResults.filter(
      (suite) =>
        suite.status === 'failed' && suite.assertionResults.every((test) => test.status !== 'failed'),
    );
    return {
      passed: report.numPassedTests,
      failed: report.numFailedTests + brokenSuites.length,
      skipped: report.numPendingTests + report.numTodoTests,
    };
  } catch {
    return { passed: 0, failed: 1, skipped: 0 };
  }
}
